package bench

import "math"

// The names of the means. Ratios that compare other kernels or methods have a mean of their own,
// so that the first compares like with like.
const (
	meanName   = "geometric mean"
	markedName = "geometric mean of marked"
)

// means returns, for each group, the geometric mean of each column's ratios, and of its marked
// ratios. It leaves out means for which no column has two ratios.
//
//	mean = exp(1/n sum over i of log(ratio i))
//	low  = exp(1/n sum over i of log(low i)), high with the ratios' high
//
// One process measures all rows of a file, so a disturbance slows several of them down. The
// interval therefore assumes errors that move together. For such errors the quantiles of a sum
// are the sums of the quantiles (J. Dhaene, M. Denuit, M. J. Goovaerts, R. Kaas and D. Vyncke,
// The concept of comonotonicity in actuarial science and finance: theory, Insurance:
// Mathematics and Economics 31, 2002). The mean has at least the confidence of a ratio, and
// more if errors are independent and cancel out. If all ratios are within noise, so is their
// mean.
func (c Comparison) means() []Row {
	var means []Row
	for _, group := range groups {
		for _, name := range []string{meanName, markedName} {
			mean := Row{Group: group, Name: name, Cells: []Cell{{Ratio: 1, Low: 1, High: 1, Verdict: Baseline}}}
			found := false
			for i := range c.Columns[1:] {
				cell := c.mean(group, i+1, name == markedName)
				mean.Cells = append(mean.Cells, cell)
				found = found || cell.Ratio > 0
			}
			if found {
				means = append(means, mean)
			}
		}
	}
	return means
}

// mean returns the mean of a column's ratios in a group, either of the marked or of the others.
// It is missing if there are fewer than two.
func (c Comparison) mean(group Group, column int, marked bool) Cell {
	var mean Cell
	var count, ratio, low, high float64
	for _, row := range c.Rows {
		if cell := row.Cells[column]; row.Group == group && cell.Ratio > 0 && cell.marked() == marked {
			count++
			ratio, low, high = ratio+math.Log(cell.Ratio), low+math.Log(cell.Low), high+math.Log(cell.High)
			mean.OtherKernel, mean.OtherMethod = mean.OtherKernel || cell.OtherKernel, mean.OtherMethod || cell.OtherMethod
		}
	}
	if count < 2 {
		return Cell{Verdict: Missing}
	}
	mean.Ratio, mean.Low, mean.High = math.Exp(ratio/count), math.Exp(low/count), math.Exp(high/count)
	mean.Verdict = judge(mean.Low, mean.High)
	return mean
}
