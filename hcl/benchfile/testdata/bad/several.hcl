measure {
  command = "./prog"
  rnus    = 3
}
input "light" {
  path   = "missing.bin"
  weight = -1
}
hypothesis "a" { patch = "a.patch" }
hypothesis "b" {}
compound "c" { of = [hypothesis.a, hypothesis.d] }
criteria { keep = 5 }
