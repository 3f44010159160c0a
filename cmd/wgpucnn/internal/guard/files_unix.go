//go:build unix

package guard

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// pass gives a command files to inherit, and returns the words by which it finds them.
func pass(c *exec.Cmd, files ...*os.File) string {
	c.ExtraFiles = files
	c.SysProcAttr = endsWithParent()
	return "3 4 5"
}

// receive opens the files that pass has given to this process. The programs that it starts do not get
// them.
func receive(words []string) ([]*os.File, error) {
	var files []*os.File
	for _, word := range words {
		fd, err := strconv.Atoi(word)
		if err != nil {
			return nil, err
		}
		syscall.CloseOnExec(fd)
		files = append(files, os.NewFile(uintptr(fd), "file "+word+" of the parent"))
	}
	return files, nil
}
