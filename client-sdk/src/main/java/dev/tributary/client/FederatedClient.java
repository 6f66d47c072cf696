package dev.tributary.client;

import dev.tributary.client.ClientException.Code;
import dev.tributary.nn.data.Dataset;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.TrustAnchors;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes part in the training of one coordinator, for as long as this object is open.
 *
 * <p>It checks in, waits for offers, holds each against its own {@link Policy}, trains on this
 * machine, and sends its update clipped, noised and masked. It outlasts a coordinator that goes
 * away and comes back, and after a restart of the app goes on with the same identity and journal.
 * While it is open it keeps three daemon threads of its own, and none after {@link #close}.
 */
public final class FederatedClient implements AutoCloseable {
  private static final long CLOSE_SECONDS = 10;

  private final Withdrawal withdrawal;
  private final Transport transport;
  private final boolean ownTransport;
  private final StateDirectory state;
  private final Identity identity;
  private final FileClientJournal journal;
  private final ClientLoop loop;
  private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private FederatedClient(
      ClientSettings settings, @Nullable Transport given, Withdrawal withdrawal) {
    this.withdrawal = withdrawal;
    state = StateDirectory.open(settings.state());
    try {
      state.requireNotWithdrawing();
      state.hold(settings.trust());
      identity = state.identity(settings.random());
      journal = state.journal();
      if (settings.coordinatorKey() != null) {
        state.pin(HexFormat.of().parseHex(settings.coordinatorKey()));
      }
      ownTransport = given == null;
      transport =
          given != null
              ? given
              : HttpTransport.over(settings.coordinator(), withdrawal.tls(), withdrawal.proxy());
      loop = new ClientLoop(settings, transport, state, identity, journal, done);
    } catch (RuntimeException e) {
      state.close();
      throw e;
    }
    loop.start();
  }

  /** Begins with nothing set; coordinator, trust, state, and data or a trainer are needed. */
  public static Builder builder() {
    return new Builder();
  }

  /** The version of this SDK, as it tells the coordinator. */
  public static String version() {
    String version = FederatedClient.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** The public key of this client, Ed25519, 32 bytes: what an authority certifies. */
  public byte[] identityKey() {
    return identity.publicKey();
  }

  /**
   * From now on these anchors count: a newer revocation list, or a successor of the authority's
   * key. Rounds that are under way judge what they have not judged yet by them.
   *
   * @param newer as from {@link TrustAnchors#update}
   * @throws ClientException with {@code TRUST_OUTDATED} if their revocation list is older than one
   *     seen before
   */
  public void trust(TrustAnchors newer) {
    state.hold(newer);
    loop.trust(newer);
  }

  /**
   * Everything that would leave this machine next, before it does: the check-in, and once a round
   * is accepted, the messages of that round. {@link ClientListener#onOffer} hands over the same
   * before the first message of a round leaves. Empty when nothing will leave any more.
   */
  public Optional<Preview> preview() {
    return done.isDone() || closed.get() ? Optional.empty() : Optional.of(loop.preview());
  }

  /**
   * Leaves a round under way, ends its training, and asks nobody for anything until {@link
   * #resume}; a poll that the coordinator holds comes back on its own, within half a minute.
   */
  public void pause() {
    loop.hold();
  }

  /** Goes on after {@link #pause}, with a check-in. */
  public void resume() {
    loop.goOn();
  }

  /**
   * Waits until the job is over, or this client is closed.
   *
   * @throws ClientException if the client cannot go on, saying why and what to do
   */
  public void awaitDone() throws InterruptedException {
    try {
      done.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ClientException known
          ? known
          : new IllegalStateException("the client failed", e.getCause());
    }
  }

  /**
   * Leaves: at once, also out of a long poll or a training that can be interrupted. What the
   * journal holds is on disk already.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    boolean ended = loop.stop(CLOSE_SECONDS);
    done.complete(null);
    identity.close();
    journal.close();
    if (ownTransport) {
      transport.close();
    }
    state.close();
    if (!ended) {
      throw new ClientException(
          Code.TRAINING_FAILED,
          "The trainer did not stop within "
              + CLOSE_SECONDS
              + " s of its interruption; its thread ends with it.");
    }
  }

  /**
   * Leaves for good: closes this client, has the coordinator delete what it holds of it, and then
   * deletes the identity, the certificate and what the identity signed. What has gone into sums
   * stays in them. The ledger stays too, so that the same data is not spent twice by a client that
   * begins anew in the same directory; deleting the directory is the app's to do.
   *
   * <p>Asks a coordinator that does not answer again and again, as long as {@link
   * Builder#giveUpAfter} allows. It may be called again, also after a restart, by {@link
   * Builder#withdraw}; until it is through, no client starts in this directory. Not to be called by
   * a listener or a trainer, which it ends.
   *
   * @throws ClientException if the coordinator cannot be told; the identity is still there
   */
  public void withdraw() throws InterruptedException {
    try {
      close();
    } finally {
      withdrawal.run();
    }
  }

  /** What a client needs to know before it starts. */
  public static final class Builder {
    private @Nullable URI coordinator;
    private @Nullable TrustAnchors trust;
    private @Nullable Path state;
    private @Nullable Trainer trainer;
    private @Nullable Transport transport;
    private TlsSettings tls = TlsSettings.machine();
    private @Nullable HttpProxy proxy;
    private @Nullable String coordinatorKey;
    private @Nullable String job;
    private double trainingShare = 1;
    private @Nullable Duration giveUpAfter;
    private Policy policy = Policy.atLeast();
    private Eligibility eligibility = Eligibility.always();
    private Enrolment enrolment = Enrolment.trustOnFirstUse();
    private ClientListener listener = new ClientListener() {};
    private Function<String, @Nullable SumSuite> suites = Builder::production;
    private Pause pause = Pause.real();
    private Clock clock = Clock.systemUTC();
    private @Nullable RoundDraws draws;

    private Builder() {}

    private static @Nullable SumSuite production(String id) {
      return Sa1.speaks(id) ? Sa1.of(id) : null;
    }

    /** Where the coordinator listens: {@code https://host[:port]}. */
    public Builder coordinator(URI address) {
      coordinator = address;
      return this;
    }

    /** Whose certificates of members count, or {@link TrustAnchors#trustOnFirstUse()}. */
    public Builder trust(TrustAnchors anchors) {
      trust = anchors;
      return this;
    }

    /**
     * The one certificate that the server may show, by its fingerprint ({@code sha256:...});
     * without a pin the authorities of the JVM decide.
     */
    public Builder pin(String fingerprint) {
      tls = tls.pin(fingerprint);
      return this;
    }

    /**
     * Whom to trust in TLS, and which certificate to show to a coordinator that asks for one; in
     * the place of what {@link #pin} said.
     */
    public Builder tls(TlsSettings settings) {
      tls = settings;
      return this;
    }

    /**
     * The coordinator's signing key, where the app knows it beforehand: 64 hex digits, as the
     * coordinator's operator tells it. Without it the one that is met first is kept.
     */
    public Builder coordinatorKey(String hex) {
      if (!hex.matches("[0-9a-f]{64}")) {
        throw new ClientException(
            Code.CONFIGURATION_INVALID,
            "A coordinator's key is 64 lower-case hex digits. Provided: " + hex + ".");
      }
      coordinatorKey = hex;
      return this;
    }

    /**
     * Which of the coordinator's jobs to take part in, by its name. Without it the coordinator must
     * have one open alone, and refuses a client that leaves it unclear.
     */
    public Builder job(String name) {
      if (!name.matches("[a-z0-9][a-z0-9-]{0,63}")) {
        throw new ClientException(
            Code.CONFIGURATION_INVALID,
            "A job's name has small letters, digits and hyphens. Provided: " + name + ".");
      }
      job = name;
      return this;
    }

    /**
     * The part of the time that a training may have, above 0 to 1; between its steps it sleeps for
     * the rest. 1 unless said otherwise. It trains on one thread.
     */
    public Builder trainingShare(double part) {
      if (!(part > 0 && part <= 1)) {
        throw new ClientException(
            Code.CONFIGURATION_INVALID,
            "trainingShare must be above 0 and at most 1. Provided: " + part + ".");
      }
      trainingShare = part;
      return this;
    }

    /** The proxy on the way to the coordinator; the JVM's settings count unless said otherwise. */
    public Builder proxy(HttpProxy onTheWay) {
      proxy = onTheWay;
      return this;
    }

    /** A directory of this client alone, for its identity and its journal. */
    public Builder state(Path directory) {
      state = directory;
      return this;
    }

    /** What to train on, with the default trainer. */
    public Builder data(Dataset data) {
      return trainer(NnTrainer.over(data));
    }

    /** The app's own trainer. */
    public Builder trainer(Trainer own) {
      trainer = own;
      return this;
    }

    /** What this client asks of every round; {@link Policy#atLeast()} unless said otherwise. */
    public Builder policy(Policy own) {
      policy = own;
      return this;
    }

    /** When this machine may take part; always unless said otherwise. */
    public Builder onlyWhen(Eligibility condition) {
      eligibility = condition;
      return this;
    }

    /** How the identity gets certified; not at all unless said otherwise. */
    public Builder enrolment(Enrolment way) {
      enrolment = way;
      return this;
    }

    /** Who is told what happens. */
    public Builder listener(ClientListener app) {
      listener = app;
      return this;
    }

    /** Another way to the coordinator, or one shared by several clients; its owner closes it. */
    public Builder transport(Transport way) {
      transport = way;
      return this;
    }

    /** Ends with an error once the coordinator has been unreachable this long; never by default. */
    public Builder giveUpAfter(Duration patience) {
      giveUpAfter = patience;
      return this;
    }

    Builder suites(Function<String, @Nullable SumSuite> known) {
      suites = known;
      return this;
    }

    Builder pause(Pause way) {
      pause = way;
      return this;
    }

    Builder clock(Clock own) {
      clock = own;
      return this;
    }

    Builder draws(RoundDraws own) {
      draws = own;
      return this;
    }

    /**
     * Opens the state directory, makes an identity on the first start, and goes to work in the
     * background.
     *
     * @throws ClientException if a setting cannot work or the state cannot be used
     */
    public FederatedClient start() {
      TrustAnchors anchors = required("trust", trust);
      if (policy.mode() == Mode.MALICIOUS && !anchors.certified()) {
        throw new ClientException(
            Code.CONFIGURATION_INVALID,
            "The policy asks for mode malicious, which needs an authority that certifies members, but trust is on"
                + " first use. Give trust(TrustAnchors.fromPem(...)), or accept less: policy.mode(Mode.CURIOUS).");
      }
      SecureRandom random = new SecureRandom();
      ClientSettings settings =
          new ClientSettings(
              required("coordinator", coordinator),
              anchors,
              required("state", state),
              required("data or trainer", trainer),
              policy,
              eligibility,
              enrolment,
              listener,
              giveUpAfter,
              trainingShare,
              coordinatorKey,
              job,
              suites,
              clock,
              pause,
              random,
              draws == null ? RoundDraws.secure(random) : draws);
      return new FederatedClient(settings, transport, withdrawal());
    }

    /**
     * Takes out the client of the state directory without starting it; see {@link
     * FederatedClient#withdraw}. Needs the coordinator and the state, and does nothing where no
     * client is left.
     *
     * @throws ClientException if a setting cannot work, or the coordinator cannot be told
     */
    public void withdraw() throws InterruptedException {
      withdrawal().run();
    }

    private Withdrawal withdrawal() {
      return new Withdrawal(
          required("coordinator", coordinator),
          transport,
          tls,
          proxy,
          required("state", state),
          giveUpAfter,
          listener,
          clock,
          pause,
          new SecureRandom());
    }

    private static <T> T required(String name, @Nullable T value) {
      if (value == null) {
        throw new ClientException(
            Code.CONFIGURATION_INVALID,
            "A client needs " + name + ": builder()." + name + "(...).");
      }
      return value;
    }
  }
}
