check { same_output = ["stdout"] }
input "light" { path = "light.bin" }
input "heavy" { path = "heavy.bin" }
measure {
  command = "./prog < ${input.path}"
  shell   = true
}
hypothesis "x" { args = ["--fast"] }
