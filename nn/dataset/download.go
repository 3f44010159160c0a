//go:build !js

package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	neturl "net/url"
	"os"
	"time"

	"wgpucnn/nn/durable"
)

// maxDownload is the largest file that is stored, in bytes.
const maxDownload = 1 << 30

// stallTimeout is how long a server may send nothing. Tests set less.
var stallTimeout = time.Minute

// download downloads the file at url to path. If path holds the beginning of the file from an
// interrupted transfer, it asks only for the rest.
func download(ctx context.Context, url, path string, progress func(done, total int64)) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	defer file.Close()
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	watched, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stallTimeout, func() { cancel(fmt.Errorf("the server sent nothing for %v", stallTimeout)) })
	defer watch.Stop()
	answer, have, err := request(watched, url, have)
	if err != nil {
		return downloadError(ctx, watched, url, err)
	}
	if answer == nil {
		return nil
	}
	defer answer.Body.Close()
	if err := cmp.Or(file.Truncate(have), seek(file, have)); err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	total := answer.ContentLength
	if total >= 0 {
		total += have
	}
	if total > maxDownload {
		return fmt.Errorf("dataset: %s has %d bytes: want at most %d", url, total, maxDownload)
	}
	buffer := make([]byte, 1<<16)
	for {
		n, err := answer.Body.Read(buffer)
		watch.Reset(stallTimeout)
		if _, err := file.Write(buffer[:n]); err != nil {
			return fmt.Errorf("dataset: %w", err)
		}
		if have += int64(n); have > maxDownload {
			return fmt.Errorf("dataset: %s has more than %d bytes", url, maxDownload)
		}
		progress(have, total)
		if errors.Is(err, io.EOF) {
			return durable.Sync(file)
		}
		if err != nil {
			return downloadError(ctx, watched, url, fmt.Errorf("cut after %d bytes: %w; run again to go on from there", have, err))
		}
	}
}

func seek(file *os.File, offset int64) error {
	_, err := file.Seek(offset, io.SeekStart)
	return err
}

// request asks for a file from byte have on. It returns the answer and the byte at which the
// answer begins, which is 0 if the server sends the whole file. It returns no answer if the
// file ends at byte have.
func request(ctx context.Context, url string, have int64) (*http.Response, int64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, 0, err
	}
	// Without this header the transport would unzip an archive that a server labels as a
	// compressed answer.
	r.Header.Set("Accept-Encoding", "identity")
	if have > 0 {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, 0, err
	}
	var first int64
	switch {
	case answer.StatusCode == http.StatusOK:
		return answer, 0, nil
	case answer.StatusCode == http.StatusPartialContent && have > 0:
		if _, err := fmt.Sscanf(answer.Header.Get("Content-Range"), "bytes %d-", &first); err == nil && first == have {
			return answer, have, nil
		}
		answer.Body.Close()
		return request(ctx, url, 0) // the server sent another part
	case answer.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0:
		answer.Body.Close()
		return nil, have, nil
	}
	answer.Body.Close()
	return nil, 0, errors.New(answer.Status)
}

// downloadError returns the error of a transfer that ended by err, or because ctx or its child
// watched was done.
func downloadError(ctx, watched context.Context, url string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if cause := context.Cause(watched); cause != nil {
		err = cause
	}
	var wrapped *neturl.Error // it would repeat the address
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fmt.Errorf("dataset: download of %s: %w (--url takes another address, --data a folder that is here)", url, err)
}
