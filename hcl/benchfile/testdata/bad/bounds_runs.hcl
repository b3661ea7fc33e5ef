check { same_output = ["stdout"] }
input "light" { path = "light.bin" }
input "heavy" { path = "heavy.bin" }
hypothesis "cache" { patch = "cache.patch" }
hypothesis "arena" { patch = "arena.patch" }
measure {
  command = ["./prog", input.path]
  runs    = 2.5
}
