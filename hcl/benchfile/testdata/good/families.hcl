variable "sizes" {
  type    = list(number)
  default = [10, 200]
}

locals {
  modes = { fast = "-1", best = "-9" }
  label = join("+", keys(local.modes))
}

study "families" {
  objective = "all of ${local.label} on ${length(var.sizes)} sizes, heaviest ${input.size-200.params.n}"
  sources   = ["docs/a.md", "https://example.org/paper"]
}

measure {
  command = ["./zip", input.path, format("--n=%d", tonumber(lookup(input.params, "n", "1"))), input.seed == null ? "fixed" : "seeded"]
  env     = { NAME = upper(input.name) }
  dir     = "bin"
}

check {
  command = "diff <(./unzip out) want"
  shell   = true
}

input "size" {
  for_each = var.sizes
  path     = "inputs/size-${each.key}.bin"
  params   = { n = each.value }
  weight   = each.value / 10
}

input "random" {
  generate = ["./gen", "--seed=${seed}", input.params.kind, input.path]
  seeds    = range(1, 4)
  weight   = 6
  params   = { kind = "text" }
  env      = { SEED = seed }
}

input "fresh" { generate = ["./gen"] }

metric "phase" {
  for_each = ["read", "write"]
  better   = "lower"
  unit     = "ms"
  from     = regex(stderr, "${each.value}: ([0-9.]+) ms")
  limit    = "5%"
}

hypothesis "mode" {
  for_each = local.modes
  args     = [each.value, input.name]
  expect   = "between 5 and 10 %"
}

hypothesis "numbered" {
  number  = 2
  command = ["./other", input.path]
  expect  = "-24%"
}

hypothesis "linked" {
  commit    = "abc123d"
  conflicts = [hypothesis.numbered, "mode-fast"]
}

compound "quick" { of = [for h in hypothesis : h.name if contains([KEEP, MAYBE], h.verdict) && h.priority != "low"] }
compound "static" {
  of     = ["numbered", "mode-best"]
  number = 50
  search = "all"
}

criteria {
  mode  = "optimized"
  maybe = "0.5%"
}
