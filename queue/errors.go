package queue

import (
	"errors"
	"io/fs"
	"syscall"

	"earshot/feedback"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The codes of the server's API that nats.go gives no name.
const (
	apiAtomicDisabled   jetstream.ErrorCode = 10174
	apiAtomicIncomplete jetstream.ErrorCode = 10176
	apiAtomicTooLarge   jetstream.ErrorCode = 10199
	apiAtomicTooMany    jetstream.ErrorCode = 10210
	apiStoreFailed      jetstream.ErrorCode = 10077
	apiStorageExceeded  jetstream.ErrorCode = 10047
	apiNoReplicas       jetstream.ErrorCode = 10074
)

// coded turns a failure of the queue into a coded error; doing says in a few words what was being done.
func coded(doing string, err error) error {
	if err == nil {
		return nil
	}
	var known *feedback.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, nats.ErrMaxPayload) {
		return feedback.Errorf(feedback.TooLarge, "%s: the message is over the NATS server's max_payload", doing).
			WithHint("set max_payload: 8MB on the server")
	}
	if errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrPermissionViolation) {
		return feedback.Errorf(feedback.Invalid, "%s: the NATS server refused the credentials: %w", doing, err).
			WithHint("check the token or the credentials file")
	}
	var js jetstream.JetStreamError
	if errors.As(err, &js) && js.APIError() != nil {
		return codedAPI(doing, js.APIError())
	}
	if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse) {
		return feedback.Errorf(feedback.Unavailable, "%s: no stream answers", doing).
			WithHint("is JetStream enabled on the NATS server, and were the streams made?")
	}
	return feedback.Errorf(feedback.Unavailable, "%s: %w", doing, err)
}

func codedAPI(doing string, err *jetstream.APIError) error {
	switch {
	case err.ErrorCode == jetstream.JSErrCodeStreamMessageExceedsMaximum:
		return feedback.Errorf(feedback.TooLarge, "%s: the message is over the limit of %d bytes", doing, feedback.MaxMessage)
	case err.ErrorCode == apiStoreFailed:
		return feedback.Errorf(feedback.Unavailable, "%s: the queue is full: %w", doing, err).
			WithHint("send again later; it empties as the workers catch up, and its limit can be raised")
	case err.ErrorCode == apiStorageExceeded:
		return feedback.Errorf(feedback.Unavailable, "%s: the NATS server has not the storage: %w", doing, err).
			WithHint("free some disk, raise the server's max_file_store, or lower the queue's size")
	case err.ErrorCode == apiNoReplicas:
		return feedback.Errorf(feedback.Invalid, "%s: %w", doing, err).
			WithHint("a single NATS server keeps one replica; more need a cluster of as many")
	case err.Code == 503 || err.Code == 429:
		return feedback.Errorf(feedback.Unavailable, "%s: %w", doing, err)
	case err.Code == 404:
		return feedback.Errorf(feedback.NotFound, "%s: %w", doing, err)
	}
	return feedback.Errorf(feedback.Internal, "%s: %w", doing, err)
}

// codedFile turns a failure of the data folder into a coded error.
func codedFile(dir string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOTDIR):
		return feedback.Errorf(feedback.Invalid, "the queue's folder %s cannot be written: %w", dir, err).
			WithHint("choose another data folder, or give this account the right to write there")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return feedback.Errorf(feedback.Unavailable, "the disk of the queue's folder %s is full: %w", dir, err).
			WithHint("free some space, or choose another data folder")
	}
	return feedback.Errorf(feedback.Internal, "the queue's folder %s: %w", dir, err)
}
