package main

import (
	"fmt"
	"strings"

	"wgpucnn/nn/dataset"
	"wgpucnn/nn/report"
)

// countClasses returns the classes of a data set with the numbers of their rows. held are training
// rows that were held out, if there are some.
func countClasses(d *dataset.Dataset, held dataset.Images) []report.Class {
	n := len(d.Classes)
	train, validation, test := d.Train.Counts(n), held.Counts(n), d.Test.Counts(n)
	var classes []report.Class
	for i, name := range d.Classes {
		classes = append(classes, report.Class{Name: name, Train: train[i], Validation: validation[i], Test: test[i]})
	}
	return classes
}

// describeData returns one line about a data set.
func describeData(name string, classes []report.Class) string {
	var train, validation, test int
	for _, c := range classes {
		train, validation, test = train+c.Train, validation+c.Validation, test+c.Test
	}
	rows := report.Thousands(train) + " train + "
	if validation > 0 {
		rows += report.Thousands(validation) + " validation + "
	}
	var each []string
	for _, c := range classes {
		counts := fmt.Sprintf("%d+%d", c.Train, c.Test)
		if validation > 0 {
			counts = fmt.Sprintf("%d+%d+%d", c.Train, c.Validation, c.Test)
		}
		each = append(each, c.Name+" "+counts)
	}
	return fmt.Sprintf("%s, %s%s test: %s", name, rows, report.Thousands(test), strings.Join(each, ", "))
}
