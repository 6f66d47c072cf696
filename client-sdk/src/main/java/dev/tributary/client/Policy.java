package dev.tributary.client;

import dev.tributary.client.ClientException.Code;
import dev.tributary.nn.Layer;
import dev.tributary.nn.LayerFormat;
import dev.tributary.nn.ModelSpec;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.Charge;
import dev.tributary.secagg.Floors;
import dev.tributary.secagg.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What this client asks of every round, whatever the coordinator says. A plan below it is declined
 * with a reason, before any data is touched. Immutable: each method returns a changed copy.
 *
 * <p>{@link #atLeast()} starts from floors that are safe for most: certified members, at least ten
 * of them in a sum, and epsilon 8 at delta 1e-5 for everything that ever leaves this machine
 * towards one coordinator.
 */
public final class Policy {
  // Defaults; every one of them has a method below.
  private int cohort = 10;
  private int minimumSum = 10;
  private int minimumHonest = 0;
  private double corruptFraction = 0;
  private double maximumEpsilon = 8;
  private double delta = 1e-5;
  private double maximumExampleEpsilon = 8;
  private double exampleDelta = 1e-5;
  private double maximumClipNorm = Double.POSITIVE_INFINITY;
  private Mode mode = Mode.MALICIOUS;
  private boolean centralNoise = false;
  private boolean postQuantum = false;
  private long maximumModelBytes = 256L << 20;
  private int maximumLocalEpochs = 1_000;
  private long maximumParameters = Long.MAX_VALUE;
  private Set<String> mechanisms = Set.of();
  private Set<String> layers = Set.of();
  private Duration maximumDeadline = Duration.ofHours(1);

  private Policy() {}

  private Policy(Policy from) {
    cohort = from.cohort;
    minimumSum = from.minimumSum;
    minimumHonest = from.minimumHonest;
    corruptFraction = from.corruptFraction;
    maximumEpsilon = from.maximumEpsilon;
    delta = from.delta;
    maximumExampleEpsilon = from.maximumExampleEpsilon;
    exampleDelta = from.exampleDelta;
    maximumClipNorm = from.maximumClipNorm;
    mode = from.mode;
    centralNoise = from.centralNoise;
    postQuantum = from.postQuantum;
    maximumModelBytes = from.maximumModelBytes;
    maximumLocalEpochs = from.maximumLocalEpochs;
    maximumParameters = from.maximumParameters;
    mechanisms = from.mechanisms;
    layers = from.layers;
    maximumDeadline = from.maximumDeadline;
  }

  /** The safe floors; the methods below move them. */
  public static Policy atLeast() {
    return new Policy();
  }

  /** At least this many members in the cohort. */
  public Policy cohort(int members) {
    atLeast("cohort", 2, members);
    Policy changed = new Policy(this);
    changed.cohort = members;
    return changed;
  }

  /** At least this many members in the one sum that the coordinator learns. */
  public Policy minimumSum(int members) {
    atLeast("minimumSum", 2, members);
    Policy changed = new Policy(this);
    changed.minimumSum = members;
    return changed;
  }

  /** Noise shares sized for at least this many honest survivors. */
  public Policy minimumHonest(int members) {
    atLeast("minimumHonest", 0, members);
    Policy changed = new Policy(this);
    changed.minimumHonest = members;
    return changed;
  }

  /** At least this part of the cohort reckoned as corrupt: their noise shares do not count. */
  public Policy corruptFraction(double part) {
    require(part >= 0 && part < 1, "corruptFraction must be 0 to below 1. Provided: " + part);
    Policy changed = new Policy(this);
    changed.corruptFraction = part;
    return changed;
  }

  /**
   * At most this epsilon: for the job as its plan declares it, and for everything that this client
   * ever contributed to this coordinator, over all jobs. {@link Double#POSITIVE_INFINITY} accepts
   * jobs without differential privacy.
   */
  public Policy maximumEpsilon(double epsilon) {
    require(epsilon > 0, "maximumEpsilon must be greater than 0. Provided: " + epsilon);
    Policy changed = new Policy(this);
    changed.maximumEpsilon = epsilon;
    return changed;
  }

  /** The delta at which epsilon is reckoned, and the largest that a plan may use. */
  public Policy delta(double probability) {
    require(
        probability >= Budget.MINIMUM_DELTA && probability < 1,
        "delta must be at least 2^-60 and below 1. Provided: " + probability);
    Policy changed = new Policy(this);
    changed.delta = probability;
    return changed;
  }

  /**
   * At most this epsilon for a single example of the client's data, over all jobs of a coordinator
   * that hide examples (DP-SGD), at this delta. It bounds what updates tell whoever sees them, and
   * is a number of its own beside {@link #maximumEpsilon}.
   */
  public Policy maximumExampleEpsilon(double epsilon, double probability) {
    require(epsilon > 0, "maximumExampleEpsilon must be greater than 0. Provided: " + epsilon);
    require(
        probability >= Budget.MINIMUM_DELTA && probability < 1,
        "the delta of maximumExampleEpsilon must be at least 2^-60 and below 1. Provided: "
            + probability);
    Policy changed = new Policy(this);
    changed.maximumExampleEpsilon = epsilon;
    changed.exampleDelta = probability;
    return changed;
  }

  /**
   * At most this L2 norm of the update that leaves, in model units; where the job asks for the
   * model's accuracy here, of the update without that.
   */
  public Policy maximumClipNorm(double norm) {
    require(norm > 0, "maximumClipNorm must be greater than 0. Provided: " + norm);
    Policy changed = new Policy(this);
    changed.maximumClipNorm = norm;
    return changed;
  }

  /**
   * The weakest sum to accept. {@link Mode#MALICIOUS} needs certified members, and so a trust that
   * names their authority; {@link Mode#CURIOUS} relies on a coordinator that follows the protocol.
   */
  public Policy mode(Mode weakest) {
    Policy changed = new Policy(this);
    changed.mode = weakest;
    return changed;
  }

  /** Accepts noise that the coordinator adds after the sum: it then sees the sum without noise. */
  public Policy trustingCentralNoise() {
    Policy changed = new Policy(this);
    changed.centralNoise = true;
    return changed;
  }

  /**
   * Only sums whose masks and share channels are of ML-KEM-768 beside X25519, so that whoever
   * records this round and breaks X25519 one day still does not have the update.
   */
  public Policy requiringPostQuantum() {
    Policy changed = new Policy(this);
    changed.postQuantum = true;
    return changed;
  }

  /** At most this many bytes of a model file, checked before anything is fetched. */
  public Policy maximumModelBytes(long bytes) {
    atLeast("maximumModelBytes", 1, bytes);
    Policy changed = new Policy(this);
    changed.maximumModelBytes = bytes;
    return changed;
  }

  /** At most this many parameters of a model, frozen ones included. */
  public Policy maximumParameters(long parameters) {
    atLeast("maximumParameters", 1, parameters);
    Policy changed = new Policy(this);
    changed.maximumParameters = parameters;
    return changed;
  }

  /**
   * Only jobs whose noise comes by one of these mechanisms, by their {@link
   * dev.tributary.privacy.Mechanism#id}, for example {@code distributed-discrete-gaussian}.
   */
  public Policy mechanisms(String... ids) {
    require(ids.length > 0, "mechanisms must name one at least.");
    Policy changed = new Policy(this);
    changed.mechanisms = Set.copyOf(List.of(ids));
    return changed;
  }

  /**
   * Only models of these layers, by their {@link dev.tributary.nn.Layer#kind}, for example {@code
   * dense} and {@code flatten}. What a model is made of is known once it has been fetched: a model
   * with another layer ends the round there, before any data is touched.
   */
  public Policy layers(String... kinds) {
    List<String> known = LayerFormat.all().stream().map(LayerFormat::kind).toList();
    for (String kind : kinds) {
      require(known.contains(kind), "layers: there is no \"" + kind + "\"; there are " + known);
    }
    require(kinds.length > 0, "layers must name one at least.");
    Policy changed = new Policy(this);
    changed.layers = Set.copyOf(List.of(kinds));
    return changed;
  }

  /** At most this many passes over the data in one round. */
  public Policy maximumLocalEpochs(int epochs) {
    atLeast("maximumLocalEpochs", 1, epochs);
    Policy changed = new Policy(this);
    changed.maximumLocalEpochs = epochs;
    return changed;
  }

  /** At most this long a round. */
  public Policy maximumDeadline(Duration deadline) {
    require(
        !deadline.isNegative() && !deadline.isZero(),
        "maximumDeadline must be positive. Provided: " + deadline);
    Policy changed = new Policy(this);
    changed.maximumDeadline = deadline;
    return changed;
  }

  /** The bounds that a sum machine checks against the roster and the survivors that it is shown. */
  public Floors floors() {
    int ceiling = Math.max(cohort, Floors.DEFAULT.maximumClients());
    return new Floors(cohort, ceiling, minimumSum);
  }

  /**
   * Why this policy turns the plan down, if it does. The plan has passed its own rules.
   *
   * @param certified whether the members of the cohort are certified by an authority that this
   *     client knows
   */
  public Optional<Refusal> check(Plan plan, boolean certified) {
    return new PolicyCheck(this, plan, certified).firstRefusal();
  }

  /** Why this policy turns a model down that a plan has named, if it does. */
  public Optional<Refusal> check(ModelSpec model) {
    if (model.layout().size() > maximumParameters) {
      return Optional.of(
          new Refusal(
              "model-too-large",
              "The model has "
                  + model.layout().size()
                  + " parameters; this client trains at most "
                  + maximumParameters
                  + "."));
    }
    return layers.isEmpty()
        ? Optional.empty()
        : kinds(model.layers())
            .filter(kind -> !layers.contains(kind))
            .findFirst()
            .map(
                kind ->
                    new Refusal(
                        "model-not-allowed",
                        "The model has a layer " + kind + "; this client trains " + layers + "."));
  }

  /** With the layers inside residual ones. */
  private static Stream<String> kinds(List<Layer> layers) {
    return layers.stream()
        .flatMap(
            layer ->
                layer instanceof Layer.Residual residual
                    ? Stream.of(
                            Stream.of(layer.kind()),
                            kinds(residual.layers()),
                            kinds(residual.shortcut()))
                        .flatMap(each -> each)
                    : Stream.of(layer.kind()));
  }

  /**
   * Why one more participation is refused, if it is: all of them together would cost more than
   * {@link #maximumEpsilon} at this policy's delta.
   *
   * @param charges what this client contributed to the coordinator so far, and the next one
   */
  public Optional<Refusal> checkSpending(List<Charge> charges) {
    return PolicyCheck.spending(this, charges);
  }

  /**
   * Why one more round that hides examples is refused, if it is: all of them together would tell
   * more of an example than {@link #maximumExampleEpsilon}.
   *
   * @param charges steps that this client trained for the coordinator so far, and the next ones
   */
  public Optional<Refusal> checkExampleSpending(List<Charge> charges) {
    return PolicyCheck.exampleSpending(this, charges);
  }

  int cohort() {
    return cohort;
  }

  int minimumSum() {
    return minimumSum;
  }

  int minimumHonest() {
    return minimumHonest;
  }

  double corruptFraction() {
    return corruptFraction;
  }

  double maximumEpsilon() {
    return maximumEpsilon;
  }

  double maximumExampleEpsilon() {
    return maximumExampleEpsilon;
  }

  double exampleDelta() {
    return exampleDelta;
  }

  double delta() {
    return delta;
  }

  double maximumClipNorm() {
    return maximumClipNorm;
  }

  Mode mode() {
    return mode;
  }

  boolean centralNoise() {
    return centralNoise;
  }

  boolean postQuantum() {
    return postQuantum;
  }

  long maximumModelBytes() {
    return maximumModelBytes;
  }

  long maximumParameters() {
    return maximumParameters;
  }

  Set<String> mechanisms() {
    return mechanisms;
  }

  int maximumLocalEpochs() {
    return maximumLocalEpochs;
  }

  Duration maximumDeadline() {
    return maximumDeadline;
  }

  private static void atLeast(String name, long bound, long value) {
    require(value >= bound, name + " must be at least " + bound + ". Provided: " + value);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new ClientException(Code.CONFIGURATION_INVALID, "Policy: " + message);
    }
  }
}
