measure {
  command = ["./prog", input.path]
}
check { same_output = ["stdout"] }
input "light" { path = "light.bin" }
input "heavy" { path = "heavy.bin" }
hypothesis "cache" { patch = "cache.patch" }
hypothesis "arena" { patch = "arena.patch" }
hypothesis "x" {
  for_each = [for i in range(1500) : i]
  args     = ["-j", each.value]
}
