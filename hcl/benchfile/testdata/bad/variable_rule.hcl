variable "n" {
  default = 3
  validation {
    condition     = var.n >= 10
    error_message = "at least ten runs are needed"
  }
}
study "s" { objective = "${var.n}" }
measure {
  command = ["./prog", input.path]
}
check { same_output = ["stdout"] }
input "light" { path = "light.bin" }
input "heavy" { path = "heavy.bin" }
hypothesis "cache" { patch = "cache.patch" }
hypothesis "arena" { patch = "arena.patch" }
