package classify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"strings"
	"time"

	"earshot/feedback"

	"golang.org/x/sync/errgroup"
)

// Store is what the stage needs of the database.
type Store interface {
	// Pending gives the excerpts of the items that the model has not analysed. An item that is not there has none.
	Pending(ctx context.Context, model feedback.Model, stored []feedback.Stored) ([]feedback.Pending, error)
	// Centroids gives the standing clusters of a workspace whose centroids are the model's, with Centroid and Floor.
	Centroids(ctx context.Context, workspace string, model feedback.Model) ([]feedback.Cluster, error)
	// SaveAnalyses saves all or nothing. Saving the same analysis again changes nothing.
	SaveAnalyses(ctx context.Context, model feedback.Model, analyses []feedback.Analysis) error
}

// Embedder turns texts into vectors, one a text, each of unit length or all zero.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([]feedback.Vector, error)
	Model() feedback.Model
}

// Config is what a stage is made of.
type Config struct {
	Store     Store            // required
	Embedder  Embedder         // required
	Labeller  *Labeller        // default: a new one
	Now       func() time.Time // required
	Log       *slog.Logger     // default: silent
	BatchSize int              // texts in one call of the embedder, at least 1; default 256
}

// Stage handles the messages of feedback.stored. It is safe for concurrent use.
type Stage struct {
	store     Store
	embedder  Embedder
	labeller  *Labeller
	log       *slog.Logger
	batchSize int
	centroids *centroids
}

// New checks the configuration. Its errors are Invalid.
func New(c Config) (*Stage, error) {
	if c.Store == nil || c.Embedder == nil || c.Now == nil {
		return nil, feedback.Errorf(feedback.Invalid, "classify needs a store, an embedder and a clock")
	}
	if c.Labeller == nil {
		c.Labeller = NewLabeller()
	}
	if c.BatchSize < 0 {
		return nil, feedback.Errorf(feedback.Invalid, "classify cannot embed %d texts at a time", c.BatchSize)
	}
	if c.BatchSize == 0 {
		c.BatchSize = 256
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Stage{
		store: c.Store, embedder: c.Embedder, labeller: c.Labeller, log: c.Log, batchSize: c.BatchSize,
		centroids: newCentroids(c.Store, c.Now),
	}, nil
}

// Handle analyses the items that the messages name and saves the result in one call. A message that cannot be read is
// Invalid; any other failure is every readable message's, with its own code: Unavailable when the store or the embedder
// is away, Internal when the embedder gives what is no vector of its model, and then nothing is saved.
func (s *Stage) Handle(ctx context.Context, batch []feedback.Message) []error {
	errs := make([]error, len(batch))
	var stored []feedback.Stored
	for i, m := range batch {
		one, err := decodeStored(m)
		if err != nil {
			errs[i] = err
			continue
		}
		stored = append(stored, one)
	}
	if len(stored) == 0 {
		return errs
	}
	if err := s.analyse(ctx, stored); err != nil {
		for i := range errs {
			if errs[i] == nil {
				errs[i] = err
			}
		}
	}
	return errs
}

// decodeStored reads one message of feedback.stored. Its errors are Invalid.
func decodeStored(m feedback.Message) (feedback.Stored, error) {
	var one feedback.Stored
	if err := json.Unmarshal(m.Data, &one); err != nil {
		// The cause is not wrapped: it may quote the message.
		return one, feedback.Errorf(feedback.Invalid, "a message of stored items is not the JSON object that it should be")
	}
	if m.Workspace != "" && one.Workspace != m.Workspace {
		return one, feedback.Errorf(feedback.Invalid, "a message of stored items names a workspace other than its subject's")
	}
	if err := feedback.CheckWorkspace(one.Workspace); err != nil {
		return one, err
	}
	return one, nil
}

func (s *Stage) analyse(ctx context.Context, stored []feedback.Stored) error {
	model := s.embedder.Model()
	pending, err := s.store.Pending(ctx, model, stored)
	if err != nil {
		return fmt.Errorf("find excerpts to analyse: %w", err)
	}
	if len(pending) == 0 {
		return nil
	}
	vectors, err := s.embed(ctx, model, pending)
	if err != nil {
		return err
	}
	standing := map[string][]feedback.Cluster{}
	for _, p := range pending {
		if _, known := standing[p.Workspace]; known {
			continue
		}
		if standing[p.Workspace], err = s.centroids.of(ctx, p.Workspace, model); err != nil {
			return fmt.Errorf("read the centroids of %s: %w", p.Workspace, err)
		}
	}
	analyses := make([]feedback.Analysis, len(pending))
	s.judge(pending, vectors, standing, analyses)
	if err := s.store.SaveAnalyses(ctx, model, analyses); err != nil {
		return fmt.Errorf("save analyses: %w", err)
	}
	s.log.Debug("analysed", "excerpts", len(analyses), "model", model.Name)
	return nil
}

// embed embeds the excerpts in calls of at most batchSize, and checks what comes back.
func (s *Stage) embed(ctx context.Context, model feedback.Model, pending []feedback.Pending) ([]feedback.Vector, error) {
	texts := make([]string, len(pending))
	for i, p := range pending {
		texts[i] = embeddable(p)
	}
	vectors := make([]feedback.Vector, 0, len(texts))
	for from := 0; from < len(texts); from += s.batchSize {
		part := texts[from:min(from+s.batchSize, len(texts))]
		got, err := s.embedder.Embed(ctx, part)
		if err != nil {
			// A wrong setting of the embedder is not the messages' fault: they must wait, not become dead letters.
			if feedback.ErrorCode(err) == feedback.Invalid || feedback.ErrorCode(err) == feedback.TooLarge {
				return nil, unavailable(err)
			}
			return nil, fmt.Errorf("embed excerpts: %w", err)
		}
		if len(got) != len(part) {
			return nil, feedback.Errorf(feedback.Internal, "embedder %s gave %d vectors for %d texts", model.Name, len(got), len(part))
		}
		for _, v := range got {
			if err := checkVector(model, v); err != nil {
				return nil, err
			}
		}
		vectors = append(vectors, got...)
	}
	return vectors, nil
}

// unavailable gives err the code Unavailable and keeps its hint.
func unavailable(err error) error {
	e := feedback.Errorf(feedback.Unavailable, "embed excerpts: %w", err)
	var coded *feedback.Error
	if errors.As(err, &coded) {
		e.Err, e.Hint = fmt.Errorf("embed excerpts: %w", coded.Err), coded.Hint
	}
	return e
}

func checkVector(model feedback.Model, v feedback.Vector) error {
	if len(v) != model.Dimensions {
		return feedback.Errorf(feedback.Internal, "embedder %s gave a vector of %d dimensions where its model has %d", model.Name, len(v), model.Dimensions)
	}
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return feedback.Errorf(feedback.Internal, "embedder %s gave a vector that holds NaN or an infinity", model.Name)
		}
	}
	return nil
}

// embeddable is the text of which the vector is made: a title often has the one word that the body takes for granted.
func embeddable(p feedback.Pending) string {
	if p.Title == "" || strings.Contains(p.Text, p.Title) {
		return p.Text
	}
	return p.Title + "\n" + p.Text
}

// judge labels and assigns each excerpt, on all processors.
func (s *Stage) judge(pending []feedback.Pending, vectors []feedback.Vector, standing map[string][]feedback.Cluster, analyses []feedback.Analysis) {
	const share = 64
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < len(pending); from += share {
		g.Go(func() error {
			for i := from; i < min(from+share, len(pending)); i++ {
				p := pending[i]
				a := feedback.Analysis{Workspace: p.Workspace, Excerpt: p.Excerpt, Vector: vectors[i]}
				a.Labels = s.labeller.Label(embeddable(p), Hint{Rating: p.Rating, Score: p.Score, Language: p.Language})
				if !p.Spam {
					var cosine float64
					if a.Cluster, cosine, a.Outlier = feedback.Join(standing[p.Workspace], vectors[i]); a.Cluster != 0 {
						a.Similarity = cosine
					}
				}
				analyses[i] = a
			}
			return nil
		})
	}
	_ = g.Wait() // its functions give no error
}
