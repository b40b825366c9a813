module github.com/tempnumber/tempnumber-go

go 1.25.0
