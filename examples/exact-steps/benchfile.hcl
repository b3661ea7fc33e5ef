# A program that counts its own steps. The counts are exact, so two runs decide, on any machine, under any load, and
# always the same.
#
#     bench -C examples/exact-steps apply

variable "runs" {
  default     = 2
  description = "one would do; the second shows that the first was no accident"
}

study "fewer-steps" {
  objective = "Guests that take 25 % fewer steps, and print the same"
}

environment {
  tool "go" { command = ["go", "version"] }
}

build {
  command = ["go", "build", "-trimpath", "-buildvcs=false", "-o", "stepvm", "."]
  outputs = ["stepvm"]
}

measure {
  command     = ["./stepvm", "-guest", input.path]
  warmup      = 0
  runs        = var.runs
  runs_reason = "steps are counted by the machine itself, not measured: each run counts the same"
}

# The guest's output is all of stdout; the counts are on stderr.
check {
  same_output = ["stdout"]
}

profile {
  command = ["./stepvm", "-profile", "-guest", input.path]
  format  = "folded"
}

metric "steps" {
  primary = true
  exact   = true
  better  = "lower"
  from    = regex(stderr, "steps=(\\d+)")
}

metric "guest_cycles" {
  exact  = true
  better = "lower"
  from   = key(stderr, "cycles")
}

input "guest" {
  for_each = {
    crc32     = "CRC-32 of a kilobyte, bit by bit"
    fibonacci = "additions only"
    matrix    = "two 16 x 16 matrices multiplied"
    shuffle   = "1,024 numbers shuffled five times"
    sieve     = "the primes below 4,000"
    sort      = "96 numbers, bubble-sorted"
  }
  path        = "guests/${each.key}.s"
  description = each.value
}

hypothesis "fuse-constants" {
  number      = 1
  title       = "One instruction for a constant and what is done with it"
  priority    = "high"
  expect      = "15-30%"
  risk        = "a machine with more kinds of instructions"
  patch       = "patches/001-fuse-constants.patch"
  description = "`li at, 1` and `add r0, r0, at` become `addi r0, r0, 1`."
}

hypothesis "rotate-loops" {
  number      = 2
  title       = "Test at the end of a loop"
  priority    = "high"
  expect      = "5-10%"
  patch       = "patches/002-rotate-loops.patch"
  description = "Each turn takes one jump and not two."
}

hypothesis "reuse-constants" {
  number      = 3
  title       = "Don't load a constant that is there already"
  priority    = "medium"
  expect      = "1-5%"
  conflicts   = ["fuse-constants"]
  patch       = "patches/003-reuse-constants.patch"
  description = "Helps only where the same constant is used twice in a row."
}

hypothesis "shift-instead" {
  number      = 4
  title       = "Shift instead of multiplying by powers of two"
  priority    = "medium"
  expect      = "0%"
  conflicts   = ["fuse-constants"]
  patch       = "patches/004-shift-instead.patch"
  description = "As many steps as before. It does save cycles, which is not what is asked here."
}

hypothesis "trust-loads" {
  number      = 5
  title       = "Don't load what was loaded before"
  priority    = "medium"
  expect      = "3-8%"
  risk        = "stores in between"
  patch       = "patches/005-trust-loads.patch"
  description = "Wrong on purpose: a store in between may have changed it. Five guests don't notice; shuffle does."
}

hypothesis "checked-memory" {
  number      = 6
  title       = "Check every address in the guest"
  priority    = "low"
  risk        = "more steps"
  args        = ["-checked"]
  description = "What would it cost?"
}

compound "kept" {
  of = [for h in hypothesis : h if h.verdict == KEEP]
}
