measure {
  command = ["./prog", input.path]
}
check { same_output = ["stdout"] }
input "light" { path = "light.bin" }
input "heavy" { path = "heavy.bin" }
hypothesis "cache" { patch = "cache.patch" }
hypothesis "arena" { patch = "arena.patch" }
locals {
  a = range(10000)
  b = [for x in local.a : [for y in local.a : x * y]]
}
