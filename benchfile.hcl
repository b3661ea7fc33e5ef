# bench measures itself. The question is real: bench marks where a history of run times changed level
# (pipeline/stats.ChangePoints, after Hunter). Can that be made faster without moving a single mark?
#
#     go run ./cmd/bench plan
#     go run ./cmd/bench apply --auto-approve
#
# Recorded run times are the inputs, real patches against this repository the hypotheses. One of them is wrong on
# purpose and one is slow on purpose, so that one study shows most kinds of verdict.

variable "runs" {
  default     = 10
  description = "rounds at the first look; each round runs baseline and candidate once on every input"
}

variable "max_runs" {
  default     = 20
  description = "rounds at the last look, where the first leaves it open"
}

study "faster-change-points" {
  objective = "Find the change points of a history of 400 runs at least 25 % faster, with the same answers"
  sources   = ["pipeline/stats/changepoints.go", "examples/self/README.md"]
}

environment {
  tool "go" { command = ["go", "version"] }
}

build {
  command = ["go", "build", "-trimpath", "-buildvcs=false", "-o", "bin/self", "./examples/self"]
  outputs = ["bin/self"]
}

measure {
  command     = ["bin/self", input.path]
  warmup      = 2
  runs        = var.runs
  max_runs    = var.max_runs
  runs_reason = "fewer than ten only where --var runs=N asks for a trial"
}

# The package's own tests hold the statistics to published vectors; the same marks in the same places on all six
# histories is what a user would notice.
check {
  command     = ["go", "test", "-count=1", "-run", "Vectors|Change", "./pipeline/stats"]
  same_output = ["stdout"]
}

metric "time" { primary = true }
metric "memory_peak" { limit = "50%" }

input "cpu-calm" {
  path        = "examples/self/traces/cpu-calm.txt"
  description = "400 runs of a program that computes, on an idle machine: few changes of level"
}

input "cpu-loaded-faster" {
  path        = "examples/self/traces/cpu-loaded-faster.txt"
  description = "the same on a machine at work, made 8 % faster half-way"
}

input "memory-calm" {
  path        = "examples/self/traces/memory-calm.txt"
  description = "a program that waits for memory, whose speed wanders: many changes of level"
}

input "memory-loaded-faster" {
  path        = "examples/self/traces/memory-loaded-faster.txt"
  description = "the same on a machine at work, made 8 % faster half-way"
}

input "spawn-calm-faster" {
  path        = "examples/self/traces/spawn-calm-faster.txt"
  description = "a program that starts processes, made 8 % faster half-way"
}

input "spawn-loaded" {
  path        = "examples/self/traces/spawn-loaded.txt"
  description = "the same on a machine at work, unchanged"
}

hypothesis "distances-once" {
  number      = 1
  title       = "Add up each value's distances to those before it once"
  priority    = "high"
  expect      = "20-30%"
  risk        = "one more slice per segment"
  patch       = "examples/self/patches/001-distances-once.patch"
  description = <<-EOT
    `energies` walks all pairs for the sum of their distances, and then half of them again, one value at a time. The
    first walk can leave what the second needs: a third of all work, and bit for bit the same sums.
  EOT
}

hypothesis "fixed-point" {
  number      = 2
  title       = "Distances in fixed point"
  priority    = "high"
  expect      = "10-25%"
  risk        = "rounds logarithms to 2^-40; the sums are exact after that"
  patch       = "examples/self/patches/002-fixed-point.patch"
  description = <<-EOT
    Dropping the sign of a floating point number takes a way through the integer registers, and each addition waits for
    the one before it. Whole numbers have neither trouble.
  EOT
}

hypothesis "list-with-room" {
  number   = 3
  title    = "Work list as a stack with room from the start"
  priority = "low"
  expect   = "0-3%"
  patch    = "examples/self/patches/003-list-with-room.patch"
}

hypothesis "every-other-value" {
  number      = 4
  title       = "Look for the best split at every other value"
  priority    = "medium"
  expect      = "50-75%"
  risk        = "finds changes late by one, or not at all"
  conflicts   = ["distances-once", "fixed-point"]
  patch       = "examples/self/patches/004-every-other-value.patch"
  description = "A quarter of the work. It is also wrong, and the check says so."
}

hypothesis "euclidean" {
  number      = 5
  title       = "Euclidean distances, for histories of several metrics"
  priority    = "low"
  risk        = "slower"
  conflicts   = ["fixed-point"]
  patch       = "examples/self/patches/005-euclidean.patch"
  description = "Not meant as an optimization: Matteson and James allow values of several dimensions. What would that cost?"
}

hypothesis "no-collector" {
  number      = 6
  title       = "Run without garbage collection"
  priority    = "low"
  expect      = "0-5%"
  risk        = "memory"
  env         = { GOGC = "off" }
  description = "No change of code at all: how much would there be to win by allocating less?"
}

compound "kept" {
  title = "All that was kept, together"
  of    = [for h in hypothesis : h if h.verdict == KEEP]
}

criteria {
  keep  = "5%"
  maybe = "2%"
}

idea {
  text = "Keep the values of a segment sorted from the parent segment on: sums of distances in n log n. Sorting each segment anew costs more than it saves below about 100 values."
}
