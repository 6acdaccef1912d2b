package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Recipe identifies all that decides a run's weights but its seed: runs of
// equal recipes differ by seed alone. It is a checksum of the family, its
// settings, the options of training without their "seed", and the events of
// every split.
func (m Manifest) Recipe() (string, error) {
	training := map[string]any{}
	if len(m.Training) > 0 {
		dec := json.NewDecoder(bytes.NewReader(m.Training))
		dec.UseNumber()
		if err := dec.Decode(&training); err != nil {
			return "", fmt.Errorf("training options: %w", err)
		}
	}
	delete(training, "seed")
	config, err := m.ConfigChecksum()
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(map[string]any{ // sorts the names
		"family": m.Family, "config": config, "training": training, "splits": m.Data.Splits,
	})
	if err != nil {
		return "", fmt.Errorf("recipe: %w", err)
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
