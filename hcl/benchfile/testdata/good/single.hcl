check  = "none: nothing is printed"
inputs = "single: one fixed workload"

measure {
  command = ["./serve", input.name]
}

hypothesis "pool" { branch = "perf/pool" }
