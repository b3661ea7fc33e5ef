measure {
  command = ["./prog", input.path]
  looks   = [10, 20, 20]
}

check { same_output = ["stdout"] }

input "a" { path = "inputs/a" }
input "b" { path = "inputs/b" }
