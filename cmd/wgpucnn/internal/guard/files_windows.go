package guard

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// pass gives a command files to inherit, and returns the words by which it finds them.
func pass(c *exec.Cmd, files ...*os.File) string {
	c.SysProcAttr = &syscall.SysProcAttr{}
	var words []string
	for _, file := range files {
		handle := syscall.Handle(file.Fd())
		syscall.SetHandleInformation(handle, syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT)
		c.SysProcAttr.AdditionalInheritedHandles = append(c.SysProcAttr.AdditionalInheritedHandles, handle)
		words = append(words, strconv.FormatUint(uint64(handle), 10))
	}
	return strings.Join(words, " ")
}

// receive opens the files that pass has given to this process.
func receive(words []string) ([]*os.File, error) {
	var files []*os.File
	for _, word := range words {
		handle, err := strconv.ParseUint(word, 10, 64)
		if err != nil {
			return nil, err
		}
		syscall.SetHandleInformation(syscall.Handle(handle), syscall.HANDLE_FLAG_INHERIT, 0)
		files = append(files, os.NewFile(uintptr(handle), "a file of the parent"))
	}
	return files, nil
}
