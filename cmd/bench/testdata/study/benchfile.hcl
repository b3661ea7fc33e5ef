study "sleepers" {
  objective = "Sleep less"
}
build {
  command = ["sh", "-c", "cp prog.sh prog && chmod +x prog"]
  outputs = ["prog"]
}
measure {
  command     = ["./prog", input.path]
  warmup      = 1
  runs        = 10
  max_runs    = 10
}
check {
  same_output = ["stdout"]
}
input "short" { path = "in/short.txt" }
input "long" { path = "in/long.txt" }
hypothesis "fast" {
  title = "Sleep a third"
  patch = "patches/fast.patch"
}
hypothesis "nothing" {
  title = "Another number of spaces"
  args  = ["ignored"]
}
hypothesis "wrong" {
  patch = "patches/wrong.patch"
}
hypothesis "crash" {
  patch = "patches/crash.patch"
}
compound "kept" {
  of = [for h in hypothesis : h if h.verdict == KEEP]
}
criteria {
  max_cv = "50%"
}
