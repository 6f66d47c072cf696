package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The help of every command, hidden ones apart. */
class HelpTest {
  @Test
  void everyCommand_saysWhatItDoes_andNamesItsValues() {
    List<String> wrong = new ArrayList<>();
    check(Tributary.commandLine(), wrong);
    assertThat(wrong).isEmpty();
  }

  private static void check(CommandLine command, List<String> wrong) {
    String usage = command.getUsageMessage();
    boolean described = command.getCommandSpec().usageMessage().description().length > 0;
    if (!described || !usage.contains("--help") || usage.contains("<arg")) {
      wrong.add(usage);
    }
    command.getSubcommands().values().stream()
        .filter(sub -> !sub.getCommandSpec().usageMessage().hidden())
        .forEach(sub -> check(sub, wrong));
  }
}
