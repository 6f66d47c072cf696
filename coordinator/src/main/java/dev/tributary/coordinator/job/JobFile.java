package dev.tributary.coordinator.job;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads job files, {@code apiVersion: tributary/v1}. A file is refused as a whole, with everything
 * that is wrong with it: first what can be seen key by key, then, for a file without such problems,
 * what the dry run of plan, noise, ledger and schedule finds.
 */
public final class JobFile {
  private JobFile() {}

  /**
   * Reads a file. Relative paths of its data start from the file's own folder.
   *
   * @param overrides {@code key=value} laid over the file, such as {@code privacy.epsilon=2}
   * @throws JobFileException if the file cannot be read or the job cannot run
   */
  public static Job read(Path file, List<String> overrides) {
    String name = file.getFileName() == null ? file.toString() : file.getFileName().toString();
    try {
      if (Files.size(file) > 4L * YamlTree.MAXIMUM_CHARACTERS) {
        throw unreadable(file, "is " + Files.size(file) + " bytes long", "Is this a job file?");
      }
      Path folder = file.toAbsolutePath().getParent();
      Path base = folder == null ? Path.of("") : folder;
      return parse(name, Files.readString(file), overrides, base, path -> {});
    } catch (CharacterCodingException e) {
      throw unreadable(file, "is not UTF-8 text", "Save it as UTF-8.");
    } catch (IOException e) {
      String why = Files.exists(file) ? "cannot be read" : "does not exist";
      throw unreadable(file, why, "Give the path of a job file; docs/job-file.md has one.");
    }
  }

  /**
   * Reads a text.
   *
   * @param name stands for the file in messages
   * @throws JobFileException if the job cannot run
   */
  public static Job parse(String name, String text, List<String> overrides) {
    return parse(name, text, overrides, Path.of(""));
  }

  /**
   * Reads a text.
   *
   * @param name stands for the file in messages
   * @param base folder that relative paths of its data start from
   * @throws JobFileException if the job cannot run
   */
  public static Job parse(String name, String text, List<String> overrides, Path base) {
    return parse(name, text, overrides, base, path -> {});
  }

  /**
   * As {@link #parse(String, String, List)}, telling {@code trace} every key that was asked for.
   */
  static Job parse(
      String name, String text, List<String> overrides, Path base, Consumer<String> trace) {
    Problems problems = new Problems();
    Node.Mapping root = YamlTree.read(name, text, problems);
    problems.throwIfAny();
    Section job = new Section(Overrides.apply(root, overrides, problems), "", problems, trace);
    Job read = new JobReader(job, source(text, overrides), base).read();
    problems.throwIfAny();
    new JobChecks(read, job).check();
    problems.throwIfAny();
    return read;
  }

  /**
   * The text of a job with values laid over it, without its comments.
   *
   * @throws JobFileException if the text or a value cannot be read
   */
  public static String laidOver(String name, String text, List<String> overrides) {
    Problems problems = new Problems();
    Node.Mapping root = YamlTree.read(name, text, problems);
    problems.throwIfAny();
    Node.Mapping all = Overrides.apply(root, overrides, problems);
    problems.throwIfAny();
    return YamlText.of(all);
  }

  private static String source(String text, List<String> overrides) {
    StringBuilder source = new StringBuilder(text);
    for (String override : overrides) {
      source.append("\n# --set ").append(override);
    }
    return source.toString();
  }

  private static JobFileException unreadable(Path file, String rule, String wayOut) {
    return new JobFileException(
        List.of(
            new Problem("job-unreadable", file.toString(), 0, "", "", "The file " + rule, wayOut)));
  }
}
