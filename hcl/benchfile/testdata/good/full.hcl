variable "runs" { default = 10 }

study "faster-block-proofs" {
  objective = "Prove a typical block in under 200 s"
  sources   = ["docs/prover.md"]
  approval  = "required"
  budget    = "8h"
}

environment {
  tool "rust" { command = ["rustc", "--version"] }
  cooldown = "60s"
  gate {
    gpu_temperature_max = 50
    load_max            = 1.0
    memory_free_min     = "4GiB"
    cpu_pressure_max    = "5%"
    foreign_max         = "10%"
    wait                = "10m"
  }
}

baseline { commit = "abc123d" }

build {
  command = ["cargo", "build", "--release"]
  outputs = ["target/release/prove"]
}

measure {
  executor = "process"
  command  = ["target/release/prove", "--input", input.path]
  warmup   = 3
  runs     = var.runs
}

check { command = ["./run_correctness_tests.sh", input.path] }

profile {
  command = ["ziskemu", "-e", "guest.elf", "-i", input.path, "-D", "-X", "-S"]
  format  = "ziskemu"
}

metric "time" { primary = true }
metric "steps" {
  better = "lower"
  exact  = true
  from   = regex(stdout, "steps=(\\d+)")
}
metric "proof_size" {
  unit   = "B"
  better = "lower"
  from   = file_size("proof.bin")
}

input "typical" {
  path        = "inputs/block_4000_typical.bin"
  weight      = 3
  description = "average mainnet block"
}
input "light" {
  path   = "inputs/block_1000_light.bin"
  params = { blocks = 1000 }
}
input "random" {
  generate = ["./gen", "--seed", seed]
  seeds    = [1, 2, 3, 4, 5]
}

hypothesis "mpt-hash-cache" {
  number   = 1
  title    = "MPT hash caching"
  priority = "high"
  expect   = "20-40%"
  risk     = "memory increase"
  patch    = "patches/001.patch"
}
hypothesis "arena" {
  number    = 4
  conflicts = ["zero-copy"]
  branch    = "perf/arena"
}
hypothesis "zero-copy" {
  env = { ZERO_COPY = 1 }
}
hypothesis "unroll" {
  for_each = [2, 4]
  args     = ["--unroll", each.value, input.name]
}

compound "kept" {
  of     = [for h in hypothesis : h if h.verdict == KEEP]
  search = "greedy"
}
compound "pair" {
  of = [hypothesis.arena, hypothesis.mpt-hash-cache]
}
criteria {
  keep             = "5%"
  maybe            = "2%"
  alpha            = 0.05
  max_cv           = "10%"
  input_regression = "5%"
  timeout          = 1.10
}
notify "slack" { on = ["baseline", "experiment", "significant", "error", "done"] }
learning { text = "hashing dominates" }
idea {
  text = "arena for nodes"
  done = true
}
