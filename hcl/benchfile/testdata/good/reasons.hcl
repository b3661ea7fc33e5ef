study "reasons" {
  inputs = "single: there is one"
  budget = "1h30m"
}

environment {
  pass = ["HOME", "CUDA_VISIBLE_DEVICES"]
  set  = { LEVEL = 3, DEBUG = false }
}

baseline {
  runs        = 4
  runs_reason = "exact counts"
  ignore      = ["docs/", "./README.md"]
}

measure {
  command  = "./prog < ${input.path} | wc -l"
  shell    = true
  runs     = 6
  max_runs = 6
  warmup   = 0
  timeout  = "90s"
}

check {
  command     = ["./check"]
  same_output = ["stdout", "./out/../out.bin"]
}

metric "lines" {
  better  = "higher"
  exact   = true
  primary = true
  from    = jq(file("out/stats.json"), ".lines")
}
metric "memory_peak" { limit = "10%" }

input "only" { path = "/data/only.bin" }

hypothesis "shelled" { command = "./prog2 < ${input.path}" }
hypothesis "plain" {
  command = ["./prog2", input.path]
  shell   = false
}
