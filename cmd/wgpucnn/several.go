package main

import (
	"context"
	"errors"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn"
)

// trainAll trains the variants, one after another or --jobs at once. If one diverges in a run of several
// seeds, the others go on.
func (r *run) trainAll(ctx context.Context, variants []variant) error {
	var failure error
	for _, v := range variants {
		err := r.trainVariant(ctx, v)
		failure = fail.Then(failure, err)
		if err != nil && !(r.seeds != "" && errors.Is(err, nn.ErrDiverged)) {
			break
		}
	}
	return failure
}
