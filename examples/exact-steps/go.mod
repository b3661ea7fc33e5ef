module example.com/stepvm

go 1.26
