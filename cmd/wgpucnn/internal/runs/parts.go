package runs

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/nn/durable"
	"wgpucnn/nn/report"
	"wgpucnn/nn/report/page"
)

// ReadParts returns the run whose parts lie in some folders: runs that differ in nothing but the seeds
// or the part of them, and in the adapter. ok is false if the folders hold other runs. The folders of
// the variants are seen from a base folder.
func ReadParts(folders []string, base string) (_ page.Run, ok bool, err error) {
	if len(folders) < 2 {
		return page.Run{}, false, nil
	}
	var whole page.Run
	var seeds []string
	from := map[string]string{} // the folder of each variant
	for i, folder := range folders {
		part, err := readRun(folder)
		if err != nil {
			return page.Run{}, false, fmt.Errorf("report: %w", err)
		}
		recipe := part.Summary.Config.Recipe
		if recipe.Seeds == "" && recipe.Shard == "" || i > 0 && !sameButPart(whole, part) {
			return page.Run{}, false, nil
		}
		if recipe.Seeds != "" && !slices.Contains(seeds, recipe.Seeds) {
			seeds = append(seeds, recipe.Seeds)
		}
		if i == 0 {
			whole = part
			whole.Variants, whole.Summary.Variants = nil, nil
		}
		for k, v := range part.Summary.Variants {
			if other, twice := from[v.Name]; twice {
				return page.Run{}, false, fmt.Errorf("report: %s is in %s and in %s: want each part once", v.Name, other, folder)
			}
			from[v.Name] = folder
			if v.Folder, err = filepath.Rel(base, filepath.Join(folder, v.Folder)); err != nil {
				return page.Run{}, false, fmt.Errorf("report: %w", err)
			}
			v.Folder = filepath.ToSlash(v.Folder)
			whole.Variants, whole.Summary.Variants = append(whole.Variants, part.Variants[k]), append(whole.Summary.Variants, v)
		}
	}
	sortBySeed(&whole)
	whole.Name = strings.Join(names(folders), " + ")
	recipe := &whole.Summary.Config.Recipe
	recipe.Seeds, recipe.Shard = strings.Join(seeds, ","), ""
	whole.Command = slices.DeleteFunc(slices.Clone(whole.Command), func(word string) bool { return strings.HasPrefix(word, "--shard=") })
	if i := slices.IndexFunc(whole.Command, func(word string) bool { return strings.HasPrefix(word, "--seeds=") }); i >= 0 {
		whole.Command[i] = "--seeds=" + recipe.Seeds
	}
	return whole, true, nil
}

// names returns the last elements of some paths.
func names(folders []string) []string {
	var all []string
	for _, folder := range folders {
		all = append(all, filepath.Base(folder))
	}
	return all
}

// sameButPart tells whether two runs may be parts of one.
func sameButPart(a, b page.Run) bool {
	setting := func(r page.Run) report.Recipe {
		recipe := r.Summary.Config.Recipe
		recipe.Seed, recipe.Seeds, recipe.Shard = 0, "", ""
		return recipe
	}
	weights := func(r page.Run) string {
		if r.Summary.Config.Initial == nil {
			return ""
		}
		return r.Summary.Config.Initial.SHA256
	}
	return a.DataSHA256 == b.DataSHA256 && setting(a) == setting(b) && weights(a) == weights(b) &&
		slices.Equal(a.Summary.Config.Nets, b.Summary.Config.Nets)
}

// sortBySeed sorts the variants of a run. Those of a seed keep their order.
func sortBySeed(r *page.Run) {
	order := make([]int, len(r.Variants))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Summary.Variants[a].Seed, r.Summary.Variants[b].Seed) })
	variants, summaries := r.Variants, r.Summary.Variants
	r.Variants, r.Summary.Variants = nil, nil
	for _, i := range order {
		r.Variants, r.Summary.Variants = append(r.Variants, variants[i]), append(r.Summary.Variants, summaries[i])
	}
}

// MissingParts returns the numbers of the parts, such as "2, 5 of 10", that some folders lack. It returns
// "" if they lack none, or if they are not parts.
func MissingParts(folders []string) string {
	there := map[int]bool{}
	parts := 0
	for _, folder := range folders {
		config, err := ReadConfig(folder)
		if err != nil {
			return ""
		}
		i, n, _ := strings.Cut(config.Recipe.Shard, "/")
		part, _ := strconv.Atoi(i)
		count, _ := strconv.Atoi(n)
		there[part], parts = true, max(parts, count)
	}
	var missing []string
	for part := 1; part <= min(parts, 1<<20); part++ {
		if !there[part] {
			missing = append(missing, strconv.Itoa(part))
		}
	}
	if missing == nil {
		return ""
	}
	return fmt.Sprintf("%s of %d", strings.Join(missing, ", "), parts)
}

// WriteParts writes the page of a run in parts, and beside it the summary of all of them. It refuses to
// replace the summary of another run.
func WriteParts(file string, run page.Run) error {
	html, err := page.Render([]page.Run{run})
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	base := filepath.Dir(file)
	if _, err := os.Stat(filepath.Join(base, ConfigFile)); err == nil {
		return fmt.Errorf("report: --out %s: %s is the folder of a run, which has its own summary: choose another folder", file, base)
	}
	if err := durable.Write(filepath.Join(base, MarkdownFile), []byte(run.Summary.Markdown())); err != nil {
		return err
	}
	if err := report.WriteJSON(filepath.Join(base, SummaryFile), run.Summary); err != nil {
		return err
	}
	return durable.Write(file, html)
}
