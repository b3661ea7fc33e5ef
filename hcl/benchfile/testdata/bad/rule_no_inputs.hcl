measure {
  command = ["./prog"]
}
check { same_output = ["stdout"] }
hypothesis "cache" { patch = "cache.patch" }
hypothesis "arena" { patch = "arena.patch" }
