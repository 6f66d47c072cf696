package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The bill of materials has no parent to take anything from: it is held to the build here. */
class BomTest {
  private static final Path HOUSE = Path.of("..");

  @Test
  void bom_hasTheVersionOfTheBuild_andEveryModuleThatAppsMayUse() throws Exception {
    Element bom = pom("bom");
    assertThat(text(bom, "version")).isEqualTo(text(pom("."), "version"));
    List<String> expected = new ArrayList<>();
    for (String module : children(pom("."), "module")) {
      if (!module.equals("bom") && !module.equals("simulations") && !module.contains("/")) {
        expected.add(text(pom(module), "artifactId"));
      }
    }
    for (String platform : children(pom("core-nn/nd4j"), "module")) {
      expected.add(text(pom("core-nn/nd4j/" + platform), "artifactId"));
    }

    NodeList managed = bom.getElementsByTagName("dependency");
    List<String> listed = new ArrayList<>();
    for (int i = 0; i < managed.getLength(); i++) {
      Element each = (Element) managed.item(i);
      listed.add(text(each, "artifactId"));
      assertThat(text(each, "version")).isEqualTo("${project.version}");
      assertThat(children(each, "type"))
          .isEqualTo(
              text(each, "artifactId").startsWith("tributary-nd4j") ? List.of("pom") : List.of());
    }
    assertThat(expected).hasSizeGreaterThan(8);
    assertThat(listed).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static Element pom(String module) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(HOUSE.resolve(module).resolve("pom.xml").toFile())
        .getDocumentElement();
  }

  /** The text of an element's own child. */
  private static String text(Element of, String name) {
    NodeList all = of.getElementsByTagName(name);
    for (int i = 0; i < all.getLength(); i++) {
      if (all.item(i).getParentNode() == of) {
        return all.item(i).getTextContent();
      }
    }
    throw new AssertionError("no " + name);
  }

  /** All of a name that stand outside profiles. */
  private static List<String> children(Element of, String name) {
    List<String> texts = new ArrayList<>();
    NodeList all = of.getElementsByTagName(name);
    for (int i = 0; i < all.getLength(); i++) {
      if (!all.item(i).getParentNode().getParentNode().getNodeName().equals("profile")) {
        texts.add(all.item(i).getTextContent());
      }
    }
    return texts;
  }
}
