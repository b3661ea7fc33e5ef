environment {
  gate { foreign_max = "0%" }
}
measure {
  command = ["./prog", input.path]
}
check { same_output = ["stdout"] }
input "light" { path = "light.bin" }
input "heavy" { path = "heavy.bin" }
hypothesis "cache" { patch = "cache.patch" }
