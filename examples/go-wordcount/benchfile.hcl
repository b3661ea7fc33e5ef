# A Go program with changes to it as hypotheses.
#
#     bench -C examples/go-wordcount apply

variable "runs" { default = 10 }

variable "words" {
  default     = 100000
  description = "length of each made-up text"
}

study "faster-wordcount" {
  objective = "Count the words of a 1 MB text in half the time"
}

environment {
  tool "go" { command = ["go", "version"] }
}

build {
  command = ["go", "build", "-trimpath", "-buildvcs=false", "-o", "wordcount", "."]
  outputs = ["wordcount"]
}

measure {
  command     = ["./wordcount", input.path]
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

# A real text that every machine with Go has.
input "documentation" {
  generate    = ["go", "doc", "-all", "net/http"]
  description = "the documentation of net/http: 130 kB of English and code, only ASCII"
}

# Five made-up ones, as frequent in their words as real texts are: random-1 … random-5.
input "random" {
  generate    = ["go", "run", "./gen", "-seed", seed, "-words", var.words]
  seeds       = [1, 2, 3, 4, 5]
  weight      = 2
  description = "made-up words by Zipf's law, some of them beyond ASCII"
}

hypothesis "one-pass" {
  number      = 1
  title       = "One pass over the bytes, a new string only for a new word"
  priority    = "high"
  expect      = "20-50%"
  risk        = "the whole text in memory"
  patch       = "patches/001-one-pass.patch"
  description = <<-EOT
    Each line is copied in lower case and split into a list of words before anything is counted. Looking a word up with
    `m[string(bytes)]` needs no copy, so most words need not become strings at all.
  EOT
}

hypothesis "list-with-room" {
  number   = 2
  title    = "Make the list of words as long as it will be"
  priority = "low"
  expect   = "0-2%"
  patch    = "patches/002-list-with-room.patch"
}

hypothesis "ascii-only" {
  number      = 3
  title       = "Lower case by setting one bit"
  priority    = "medium"
  expect      = "30-60%"
  risk        = "texts that are not in English"
  conflicts   = ["one-pass"]
  patch       = "patches/003-ascii-only.patch"
  description = "Wrong on purpose: digits and letters beyond ASCII end a word."
}

hypothesis "regexp" {
  number      = 4
  title       = "Split lines with a regular expression"
  priority    = "low"
  risk        = "slower"
  conflicts   = ["one-pass", "ascii-only"]
  patch       = "patches/004-regexp.patch"
  description = "Shorter to read. Somebody will propose it; here is what it costs (and it compiles it once a line)."
}

hypothesis "lazy-collector" {
  number   = 5
  title    = "Collect garbage at four times the heap"
  priority = "medium"
  expect   = "0-10%"
  risk     = "memory"
  env      = { GOGC = "400" }
}

compound "kept" {
  of = [for h in hypothesis : h if h.verdict == KEEP]
}
