# A program whose cost is known exactly, under noise that is known, too: what bench says of it can be held against the truth.
#
#     bench -C examples/exam apply
#     bench -C examples/exam apply --var noise=stolen --var cv=0.1
#
# exam_test.go puts it through many such sessions.

variable "work" {
  default     = { light = 12, hash = 20, heavy = 28, typical = 16 }
  description = "milliseconds that each input takes when nothing disturbs it"
}

variable "effects" {
  default     = { light = -0.08, hash = -0.08, heavy = -0.08, typical = -0.08 }
  description = "the truth: by which fraction the candidate takes longer"
}

variable "weights" {
  default     = { light = 1, hash = 1, heavy = 1, typical = 1 }
  description = "share of each input in the aggregate"
}

variable "noise" {
  default     = "mixed"
  description = "what disturbs the runs: a model of noise.go"
}

variable "cv" {
  default     = 0.03
  description = "how much it disturbs them, as a fraction"
}

variable "seed" {
  default     = 1
  description = "of the noise"
}

variable "fault" {
  default     = "none"
  description = "what is wrong with the candidate: wrong, flaky, crash or hang"
}

variable "log" {
  default     = "runs.log"
  description = "where each run leaves a line"
}

locals {
  program = ["./exam", "-log", var.log, "-noise", var.noise, "-cv", "${var.cv}", "-seed", "${var.seed}"]
}

study "exam" {
  objective = "See through the noise"
  confirm   = false # one verdict is held against the truth, on one sample
}

# The noise is the program's own, and it mostly sleeps: what others do to the machine is no matter here.
environment {
  gate { foreign_max = "100%" }
}

build {
  command = ["go", "build", "-trimpath", "-buildvcs=false", "-o", "exam", "main.go", "noise.go"]
  outputs = ["exam"]
}

measure {
  command = concat(local.program, ["-arm", "baseline", "-input", input.name, "-work", "${input.params.work}ms"])
}

check {
  same_output = ["stdout"]
}

input "on" {
  for_each = var.work
  weight   = var.weights[each.key]
  params   = { work = each.value, effect = var.effects[each.key] }
}

hypothesis "candidate" {
  title   = "As much faster or slower as the scenario says"
  command = concat(local.program, ["-arm", "candidate", "-input", input.name, "-work", "${input.params.work}ms", "-effect", input.params.effect, "-fault", var.fault])
}
