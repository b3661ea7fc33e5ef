check { same_output = ["stdout"] }
input "light" {
  path   = "light.bin"
  params = { blocks = 10 }
}
input "heavy" { path = "heavy.bin" }
hypothesis "cache" { patch = "cache.patch" }
hypothesis "arena" { patch = "arena.patch" }
measure {
  command = ["./prog", input.path, input.params.blocks]
}
