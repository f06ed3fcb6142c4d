/**
 * The members of the SDKs that the examples in `examples/consume` use, with the types of the SDKs'
 * sources, by path. The tests download nothing, so compilers check the examples with these.
 */
export const JAVA: Readonly<Record<string, string>> = {
  'com/google/gson/JsonElement': `public abstract class JsonElement {
    public native JsonObject getAsJsonObject();
    public native String getAsString();
  }`,
  'com/google/gson/JsonObject': `public final class JsonObject extends JsonElement {
    public native JsonElement get(String memberName);
  }`,
  'com/google/gson/JsonParser': `public final class JsonParser {
    public static native JsonElement parseString(String json);
  }`,
  'io/grpc/Status': `public final class Status {
    public enum Code { OK, UNAUTHENTICATED }
    public static native Status fromThrowable(Throwable t);
    public native Code getCode();
  }`,
  'io/milvus/v2/client/ConnectConfig': `public class ConnectConfig {
    public static native ConnectConfigBuilder builder();
    public static class ConnectConfigBuilder {
      public native ConnectConfigBuilder uri(String uri);
      public native ConnectConfigBuilder token(String token);
      public native ConnectConfig build();
    }
  }`,
  'io/milvus/v2/client/MilvusClientV2': `public class MilvusClientV2 {
    public MilvusClientV2(ConnectConfig connectConfig) {}
    public native void close();
  }`,
  'software/amazon/awssdk/services/secretsmanager/SecretsManagerClient': `import java.util.function.Consumer;
  import software.amazon.awssdk.services.secretsmanager.model.*;
  public interface SecretsManagerClient extends AutoCloseable {
    static SecretsManagerClient create() { throw new UnsupportedOperationException(); }
    GetSecretValueResponse getSecretValue(GetSecretValueRequest request);
    GetSecretValueResponse getSecretValue(Consumer<GetSecretValueRequest.Builder> request);
  }`,
  'software/amazon/awssdk/services/secretsmanager/model/GetSecretValueRequest': `public final class GetSecretValueRequest {
    public interface Builder {
      Builder secretId(String secretId);
      Builder versionStage(String versionStage);
    }
  }`,
  'software/amazon/awssdk/services/secretsmanager/model/GetSecretValueResponse': `public final class GetSecretValueResponse {
    public native String secretString();
  }`,
  'software/amazon/awssdk/services/secretsmanager/model/ResourceNotFoundException': `public final class ResourceNotFoundException extends RuntimeException {}`,
};

export const GO: Readonly<Record<string, string>> = {
  'github.com/aws/aws-sdk-go-v2/aws': `func ToString(p *string) (v string) { return *p }`,
  'github.com/aws/aws-sdk-go-v2/service/secretsmanager': `import "context"
type Client struct{}
type Options struct{}
type GetSecretValueInput struct{ SecretId, VersionId, VersionStage *string }
type GetSecretValueOutput struct{ SecretString, VersionId *string }
func (c *Client) GetSecretValue(ctx context.Context, params *GetSecretValueInput, optFns ...func(*Options)) (*GetSecretValueOutput, error) { return nil, nil }`,
  'github.com/aws/aws-sdk-go-v2/service/secretsmanager/types': `type ResourceNotFoundException struct{ Message *string }
func (e *ResourceNotFoundException) Error() string { return *e.Message }`,
  'github.com/milvus-io/milvus/client/v2/milvusclient': `import "context"
type Client struct{}
type ClientConfig struct{ Address, Username, Password, DBName, APIKey string }
func New(ctx context.Context, config *ClientConfig) (*Client, error) { return nil, nil }
func (c *Client) Close(ctx context.Context) error { return nil }`,
  'google.golang.org/grpc/codes': `type Code uint32
const Unauthenticated Code = 16`,
  'google.golang.org/grpc/status': `import "google.golang.org/grpc/codes"
func Code(err error) codes.Code { return 0 }`,
};
