// Package consume has a Milvus client for a rotated secret.
package consume

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/milvus-io/milvus/client/v2/milvusclient"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// RotatingMilvus is for any number of goroutines. If the cluster refuses the token, it reads the
// secret again and repeats the call. The repetition is safe, because a cluster does not execute a
// call that it answers with Unauthenticated.
//
//	milvus := consume.RotatingMilvus{SecretID: "milvus/orders", SecretsManager: secretsManager}
//	err := milvus.Use(ctx, func(client *milvusclient.Client) error {
//		_, err := client.ListCollections(ctx, milvusclient.NewListCollectionOption())
//		return err
//	})
type RotatingMilvus struct {
	SecretID       string
	SecretsManager *secretsmanager.Client

	mutex    sync.Mutex
	client   *milvusclient.Client
	replaced *milvusclient.Client
	token    string
}

type credential struct{ Endpoint, Token string }

// Use needs a context with a deadline: the SDK waits for an unreachable cluster until then.
func (r *RotatingMilvus) Use(ctx context.Context, call func(*milvusclient.Client) error) error {
	client, err := r.otherThan(ctx, nil)
	if err != nil {
		return err
	}
	if err = call(client); status.Code(err) != codes.Unauthenticated {
		return err
	}
	if client, err = r.otherThan(ctx, client); err != nil {
		return err
	}
	return call(client)
}

func (r *RotatingMilvus) otherThan(ctx context.Context, refused *milvusclient.Client) (*milvusclient.Client, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	// Another goroutine may have replaced the refused client meanwhile.
	if r.client == refused {
		next, err := r.connect(ctx)
		if err != nil {
			return nil, err
		}
		// Other goroutines may still use the refused client, but not the client before it.
		if r.replaced != nil {
			_ = r.replaced.Close(ctx)
		}
		r.replaced, r.client = r.client, next
	}
	return r.client, nil
}

func (r *RotatingMilvus) connect(ctx context.Context) (*milvusclient.Client, error) {
	// A rotation changes the password of AWSPENDING on the cluster first, and moves AWSCURRENT
	// later. The last attempt waits for its end.
	for attempt, stage := range []string{"AWSCURRENT", "AWSPENDING", "AWSCURRENT"} {
		if attempt == 2 {
			time.Sleep(time.Second)
		}
		secret, err := r.read(ctx, stage)
		if err != nil {
			return nil, err
		}
		if secret == nil || secret.Token == r.token {
			continue
		}
		// APIKey is the whole token. It wins over Username and Password.
		config := milvusclient.ClientConfig{Address: secret.Endpoint, APIKey: secret.Token}
		client, err := milvusclient.New(ctx, &config)
		if err == nil {
			r.token = secret.Token
			return client, nil
		}
		if status.Code(err) != codes.Unauthenticated {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the cluster refuses the versions AWSCURRENT and AWSPENDING of %s", r.SecretID)
}

func (r *RotatingMilvus) read(ctx context.Context, stage string) (*credential, error) {
	answer, err := r.SecretsManager.GetSecretValue(ctx,
		&secretsmanager.GetSecretValueInput{SecretId: &r.SecretID, VersionStage: &stage})
	var notFound *types.ResourceNotFoundException
	if stage == "AWSPENDING" && errors.As(err, &notFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var secret credential
	return &secret, json.Unmarshal([]byte(aws.ToString(answer.SecretString)), &secret)
}
