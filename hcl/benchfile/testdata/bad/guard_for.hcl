measure {
  command = ["./prog", input.path]
}
check { same_output = ["stdout"] }
input "light" { path = "light.bin" }
input "heavy" { path = "heavy.bin" }
hypothesis "cache" { patch = "cache.patch" }
hypothesis "arena" { patch = "arena.patch" }
locals {
  x = [for a in [1, 2] : [for b in [1, 2] : [for c in [1, 2] : [for d in [1, 2] : d]]]]
}
