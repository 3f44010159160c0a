package choose

import (
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/fail"

	"github.com/spf13/pflag"
)

// ttaFlip is the value of --tta that averages an image and its mirror image.
const ttaFlip = "flip"

// TTAFlag declares the flag of test-time augmentation.
func TTAFlag(flags *pflag.FlagSet, tta *string) {
	flags.StringVar(tta, "tta", "none", "`views` of an image whose logits are averaged: none, or flip for the image and its mirror image")
}

// Mirror tells whether --tta asks for mirror images, or returns a usage error of the command.
func Mirror(command, tta string) (bool, error) {
	if choices := Choices["tta"]; !slices.Contains(choices, tta) {
		return false, fail.Usagef("%s: --tta %s: want one of %s", command, tta, strings.Join(choices, ", "))
	}
	return tta == ttaFlip, nil
}
