measure {
  command  = ["./prog", input.path]
  looks    = [10, 20]
  max_runs = 40
}

check { same_output = ["stdout"] }

input "a" { path = "inputs/a" }
input "b" { path = "inputs/b" }
