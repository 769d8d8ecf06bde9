package courier

import (
	"errors"
	"os"

	"earshot/feedback"
)

// writeFiles writes files into a folder under base, each whole or not at all: what a reader opens is never half a file.
// The same parcel written again replaces itself. No symbolic link leads out of base.
func writeFiles(base, folder string, files []feedback.ParcelFile) error {
	if err := os.MkdirAll(base, 0o755); err != nil {
		return feedback.Errorf(feedback.Unavailable, "make the folder of deliveries: %w", err).WithHint("set EARSHOT_DELIVERY_DIR to one that can be written")
	}
	root, err := os.OpenRoot(base)
	if err != nil {
		return feedback.Errorf(feedback.Unavailable, "open the folder of deliveries: %w", err)
	}
	defer root.Close()
	if err := root.MkdirAll(folder, 0o755); err != nil {
		return feedback.Errorf(feedback.Unavailable, "make the folder of a delivery: %w", err)
	}
	within, err := root.OpenRoot(folder)
	if err != nil {
		return feedback.Errorf(feedback.Unavailable, "open the folder of a delivery: %w", err)
	}
	defer within.Close()
	for _, f := range files {
		if err := writeWhole(within, f); err != nil {
			return feedback.Errorf(feedback.Unavailable, "write a delivery: %w", err)
		}
	}
	return nil
}

func writeWhole(root *os.Root, f feedback.ParcelFile) error {
	part := "." + f.Name + ".part"
	file, err := root.Create(part)
	if err != nil {
		return err
	}
	_, err = file.Write(f.Data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, root.Remove(part))
	}
	return root.Rename(part, f.Name)
}
