package openai

import (
	"context"

	"earshot/feedback"

	goopenai "github.com/sashabaranov/go-openai"
)

// Completer lets a language model answer. It is safe for concurrent use.
type Completer struct {
	client
}

// NewCompleter checks the configuration and sends nothing. Its errors are Invalid.
func NewCompleter(c Config) (*Completer, error) {
	base, err := newClient(c, "EARSHOT_OPENAI_CHAT_MODEL")
	if err != nil {
		return nil, err
	}
	return &Completer{base}, nil
}

// Complete gives the model's answer to the data under the instructions. It asks for nothing that only some servers know
// (a temperature, a format, a length), so that any of them will do. Its errors have the codes of [Embedder.Embed].
func (m *Completer) Complete(ctx context.Context, instructions, data string) (string, error) {
	timed, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	answer, err := m.api.CreateChatCompletion(timed, goopenai.ChatCompletionRequest{
		Model: m.model,
		Messages: []goopenai.ChatCompletionMessage{
			{Role: goopenai.ChatMessageRoleSystem, Content: instructions},
			{Role: goopenai.ChatMessageRoleUser, Content: data},
		},
	})
	if err != nil {
		return "", m.failure(ctx, err)
	}
	if len(answer.Choices) == 0 || answer.Choices[0].Message.Content == "" {
		return "", feedback.Errorf(feedback.Unavailable, "the model server at %s gave an empty answer", m.host)
	}
	return answer.Choices[0].Message.Content, nil
}
