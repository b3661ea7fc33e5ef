measure {
  command = ["./prog", input.path]
}

check { same_output = ["stdout"] }

input "a" { path = "inputs/a" }
input "b" { path = "inputs/b" }

criteria { kill = "strict" }
