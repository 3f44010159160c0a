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

// maxDownload bounds what is stored of an answer.
const maxDownload = 1 << 30

// stalled is how long a server may send nothing. Tests are less patient.
var stalled = time.Minute

// download brings the file at url to path. If part of it is there from a
// transfer that was cut, it asks for the rest alone.
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
	patient, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stalled, func() { cancel(fmt.Errorf("the server sent nothing for %v", stalled)) })
	defer watch.Stop()
	answer, have, err := request(patient, url, have)
	if err != nil {
		return downloadError(ctx, patient, url, err)
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
		watch.Reset(stalled)
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
			return downloadError(ctx, patient, url, fmt.Errorf("cut after %d bytes: %w; run again to go on from there", have, err))
		}
	}
}

func seek(file *os.File, offset int64) error {
	_, err := file.Seek(offset, io.SeekStart)
	return err
}

// request asks for a file from byte have on. It returns the answer, and the byte
// that the answer starts with: 0 where the server sends all of it again. There is
// no answer where the file has no more bytes than that.
func request(ctx context.Context, url string, have int64) (*http.Response, int64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, 0, err
	}
	// The file as it is: asked by default, the transport would unzip an archive
	// that a server takes for a compressed answer.
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
		return request(ctx, url, 0) // something else than was asked for
	case answer.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0:
		answer.Body.Close()
		return nil, have, nil
	}
	answer.Body.Close()
	return nil, 0, errors.New(answer.Status)
}

// downloadError says what became of a transfer, which ended because of err, or
// because ctx or patient, made of it, was done.
func downloadError(ctx, patient context.Context, url string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if cause := context.Cause(patient); cause != nil {
		err = cause
	}
	var wrapped *neturl.Error // which names the address once more
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fmt.Errorf("dataset: download of %s: %w (--url takes another address, --data a folder that is here)", url, err)
}
