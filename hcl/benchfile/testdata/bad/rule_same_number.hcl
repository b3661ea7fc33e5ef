measure {
  command = ["./prog", input.path]
}
check { same_output = ["stdout"] }
input "light" { path = "light.bin" }
input "heavy" { path = "heavy.bin" }
hypothesis "cache" {
  number = 1
  patch  = "cache.patch"
}
hypothesis "arena" {
  number = 1
  patch  = "arena.patch"
}
