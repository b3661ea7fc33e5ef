# Shell pipelines: nothing to build, another command as a hypothesis.
#
#     bench -C examples/pipelines apply

variable "runs" { default = 10 }

variable "lines" {
  default     = 20000
  description = "length of each log"
}

locals {
  top = "sort -k1,1nr -k2,2 | head -n 20"
}

study "most-frequent-addresses" {
  objective = "Who sent the most requests? Answer in half the time"
}

measure {
  shell       = true
  command     = "cut -d ' ' -f 1 ${input.path} | sort | uniq -c | ${local.top}"
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

input "log" {
  generate    = ["awk", "-v", "seed=${seed}", "-v", "lines=${var.lines}", "-f", "requests.awk"]
  seeds       = [1, 2, 3, 4, 5]
  description = "a made-up access log"
}

hypothesis "count-first" {
  number      = 1
  title       = "Count with awk, sort only what was counted"
  priority    = "high"
  expect      = "20-60%"
  risk        = "all addresses in memory"
  shell       = true
  command     = "awk '{ n[$1]++ } END { for (a in n) printf \"%7d %s\\n\", n[a], a }' ${input.path} | ${local.top}"
  description = "Twenty thousand lines are sorted to count some thousand addresses."
}

hypothesis "c-locale" {
  number   = 2
  title    = "Compare bytes, not characters"
  priority = "medium"
  expect   = "0-30%"
  env      = { LC_ALL = "C" }
}

hypothesis "unsorted" {
  number      = 3
  title       = "Count without sorting first"
  priority    = "medium"
  expect      = "50%"
  conflicts   = ["count-first"]
  shell       = true
  command     = "cut -d ' ' -f 1 ${input.path} | uniq -c | ${local.top}"
  description = "Wrong, as everybody once learned: uniq counts neighbours only."
}

hypothesis "shell-loop" {
  number    = 4
  title     = "Read the log line by line in the shell"
  priority  = "low"
  risk      = "slower"
  conflicts = ["count-first", "unsorted"]
  shell     = true
  command   = "while read -r a rest; do echo \"$a\"; echo \"$rest\" >&3; done 3>/dev/null <${input.path} | sort | uniq -c | ${local.top}"
}

compound "kept" {
  of = [for h in hypothesis : h if h.verdict == KEEP]
}
