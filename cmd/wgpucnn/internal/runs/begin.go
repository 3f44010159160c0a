package runs

import (
	"fmt"
	"os"
	"slices"

	"wgpucnn/nn/durable"
	"wgpucnn/nn/report"
)

// FinishConfig gives config.json its name if the run was killed between writing and renaming the file. It
// returns an error if the run was killed before the file was whole. It changes nothing in any other folder.
func FinishConfig(folder string) error {
	f := Folder{Path: folder}
	entries, err := os.ReadDir(folder)
	begun := len(entries) > 0 && !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !durable.IsTemporary(e.Name()) })
	if err != nil || !begun {
		return nil // ReadConfig shows what is wrong
	}
	if err := f.lockIdle(); err != nil {
		return err
	}
	defer f.Release()
	for _, e := range entries {
		if text, err := os.ReadFile(f.Join(e.Name())); err == nil {
			if _, err := parseConfig(text); err == nil {
				err = durable.Rename(f.Join(e.Name()), f.Join(ConfigFile))
				durable.SyncFolder(folder)
				return err
			}
		}
	}
	return fmt.Errorf("the run was killed before it wrote %s: begin it again with --out %s", ConfigFile, report.Shell(folder))
}
