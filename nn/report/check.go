package report

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"reflect"
	"strings"
)

// MaxNetworks bounds the networks of a run of several seeds, because each pair of them is compared.
const MaxNetworks = 100

// The most that a file of a run may say. No run comes near.
const (
	maxName    = 128 // bytes
	maxCount   = 1 << 40
	maxRows    = 1 << 32
	maxSeconds = 1e10
)

// leastLoss allows for drivers whose logarithm of 1 is a little below 0.
const leastLoss = -1e-3

// Check returns an error if settings of a run are impossible. They may come from anywhere.
func (c Config) Check() error {
	for _, class := range c.Classes {
		if err := cmp.Or(
			checkName(class.Name),
			between("train rows", class.Train, 0, maxRows),
			between("validation rows", class.Validation, 0, maxRows),
			between("test rows", class.Test, 0, maxRows),
		); err != nil {
			return fmt.Errorf("report: class %.60q: %w", class.Name, err)
		}
	}
	for _, net := range c.Nets {
		if err := checkName(net.Name); err != nil {
			return fmt.Errorf("report: network %.60q: %w", net.Name, err)
		}
	}
	return c.Recipe.check()
}

// check returns an error unless all numbers are 0 or more.
func (r Recipe) check() error {
	v := reflect.ValueOf(r)
	for i := range v.NumField() {
		if f := v.Field(i); f.CanInt() && f.Int() < 0 || f.CanFloat() && f.Float() < 0 {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			return fmt.Errorf("report: recipe: %s %v: want 0 or more", name, f)
		}
	}
	return between("report: recipe: validation", r.Validation, 0, 1)
}

// Check returns an error if settings or figures of a run are impossible. They may come from anywhere. It
// also returns an error if two variants have the same name, folder, or network and seed. Capital
// letters make no difference, because some file systems see none.
func (s Summary) Check() error {
	if err := s.Config.Check(); err != nil {
		return err
	}
	seen, networks := map[string]bool{}, map[string]bool{}
	for _, v := range s.Variants {
		err := v.check()
		for _, it := range v.identities() {
			if seen[it] {
				err = cmp.Or(err, fmt.Errorf("another variant has the same %s", it))
			}
			seen[it] = true
		}
		networks[v.Network] = true
		if len(networks) > MaxNetworks {
			err = cmp.Or(err, fmt.Errorf("the run has more than %d networks", MaxNetworks))
		}
		if err != nil {
			return fmt.Errorf("report: variant %.60q: %w", v.Name, err)
		}
	}
	return nil
}

// identities returns what no other variant of a run has.
func (v Variant) identities() []string {
	var all []string
	if v.Name != "" {
		all = append(all, fmt.Sprintf("name %q", strings.ToLower(v.Name)))
	}
	if v.Folder != "" {
		all = append(all, fmt.Sprintf("folder %q", path.Clean(strings.ToLower(v.Folder))))
	}
	if v.Network != "" {
		all = append(all, fmt.Sprintf("network %q and seed %d", v.Network, v.Seed))
	}
	return all
}

// check returns an error if a figure is impossible.
func (v Variant) check() error {
	return cmp.Or(
		checkName(v.Name), checkName(v.Network),
		between("parameters", v.Parameters, 0, maxCount),
		between("multiply_adds", v.MultiplyAdds, 0, math.MaxInt),
		between("epochs", v.Epochs, 0, maxCount),
		between("steps", v.Steps, 0, maxCount),
		between("seconds", v.Seconds, 0, maxSeconds),
		between("compile_seconds", v.CompileSeconds, 0, maxSeconds),
		between("kept_epoch", v.KeptEpoch, 0, v.Epochs),
		v.Train.check("train"), v.Validation.check("validation"), v.Test.check("test"),
	)
}

// check returns an error if a figure is impossible. The loss of a training that diverged is not a number.
func (s Score) check(rows string) error {
	return cmp.Or(checkLoss(rows+" loss", s.Loss), between(rows+" accuracy", s.Accuracy, 0, 1))
}

// checkLoss returns an error for a loss that is negative.
func checkLoss(name string, loss float64) error {
	if loss < leastLoss {
		return fmt.Errorf("%s %v: want 0 or more", name, loss)
	}
	return nil
}

// checkName returns an error for a name that is too long to be one.
func checkName(name string) error {
	if len(name) > maxName {
		return fmt.Errorf("a name of %d bytes: want %d or fewer", len(name), maxName)
	}
	return nil
}

// between returns an error unless a figure lies within its bounds.
func between[T int | float64](name string, v, least, most T) error {
	if v >= least && v <= most {
		return nil
	}
	return fmt.Errorf("%s %v: want %v to %v", name, v, least, most)
}

// Check returns an error if counts are impossible: a matrix of another shape than the classes, or a
// count that is negative.
func (c Confusion) Check() error {
	n := len(c.Classes)
	for _, class := range c.Classes {
		if err := checkName(class); err != nil {
			return fmt.Errorf("class %.60q: %w", class, err)
		}
	}
	if len(c.Counts) != n {
		return fmt.Errorf("confusion matrix of %d rows: want %d, one a class", len(c.Counts), n)
	}
	for _, row := range c.Counts {
		if len(row) != n {
			return fmt.Errorf("confusion matrix with a row of %d: want %d, one a class", len(row), n)
		}
		for _, count := range row {
			if err := between("confusion matrix with a count of", count, 0, maxRows); err != nil {
				return err
			}
		}
	}
	return nil
}
