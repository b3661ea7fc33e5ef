# A C program with compiler flags as hypotheses.
#
#     bench -C examples/c-flags apply

variable "runs" { default = 10 }

variable "values" {
  default     = 300000
  description = "length of each series"
}

study "flags-for-sensors" {
  objective = "Which compiler flags make sensors faster, and leave every digit as it is?"
}

environment {
  tool "cc" { command = ["cc", "--version"] }
}

build {
  command = ["sh", "build.sh"]
  outputs = ["sensors"]
}

measure {
  command     = ["./sensors", input.params.values, input.params.missing, input.params.seed]
  warmup      = 1
  runs        = var.runs
  max_runs    = 2 * var.runs
  runs_reason = "fewer than ten only where --var runs=N asks for a trial"
}

check {
  same_output = ["stdout"]
}

metric "time" { primary = true }
metric "memory_peak" {}

# The program makes its own data from these; no files are needed. One value in so many is missing.
input "missing" {
  for_each    = { seldom = 1000, sometimes = 100, often = 10, mostly = 2 }
  params      = { values = var.values, missing = each.value, seed = 7 }
  description = "one value in ${each.value} is missing"
}

input "short" {
  params      = { values = 20000, missing = 50, seed = 11 }
  weight      = 0.5
  description = "a short series: starting the program counts"
}

hypothesis "o2" {
  number   = 1
  title    = "Optimize for speed instead of size: -O2"
  priority = "high"
  expect   = "20-50%"
  risk     = "a larger program"
  env      = { CFLAGS = "-O2" }
}

hypothesis "o3-native" {
  number      = 2
  title       = "Everything this machine can do: -O3 -march=native"
  priority    = "high"
  expect      = "30-60%"
  risk        = "runs only on machines like this one"
  conflicts   = ["o2"]
  env         = { CFLAGS = "-O3 -march=native" }
  description = "Where the machine can multiply and add in one step, the compiler does so, and the last digits change."
}

hypothesis "ofast" {
  number      = 3
  title       = "-Ofast"
  priority    = "medium"
  expect      = "40-60%"
  risk        = "-ffast-math allows the compiler to assume that there are no NaNs"
  conflicts   = ["o2", "o3-native"]
  env         = { CFLAGS = "-Ofast" }
  description = "Missing values are NaN here, so `isnan` is taken for always false: the results are nonsense, fast."
}

hypothesis "named-reach" {
  number      = 4
  title       = "A name for the width of the window"
  priority    = "low"
  expect      = "0%"
  patch       = "patches/004-named-reach.patch"
  description = "A change for readers only. The compiler makes the same program of it, so that nothing need be run."
}

hypothesis "o0" {
  number    = 5
  title     = "As in a debugger: -O0"
  priority  = "low"
  risk      = "slower"
  conflicts = ["o2", "o3-native", "ofast"]
  env       = { CFLAGS = "-O0" }
}

hypothesis "static" {
  number   = 6
  title    = "Link statically"
  priority = "low"
  expect   = "0-5%"
  risk     = "no security updates of the C library"
  env      = { LDFLAGS = "-static" }
}

compound "kept" {
  of = [for h in hypothesis : h if h.verdict == KEEP]
}
