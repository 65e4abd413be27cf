<#-- SPDX-License-Identifier: Apache-2.0 -->
Libraries of the program, all used unchanged. The texts of the licences lie beside this file.

<#list dependencyMap as entry>
<#assign library = entry.getKey()/>
<#assign licences = entry.getValue()/>
${library.name!library.artifactId} ${library.version}
    ${library.groupId}:${library.artifactId}<#if library.url??>, ${library.url}</#if>
    Licence: <#list licences as licence>${licence}<#if licence_has_next> or </#if></#list>

</#list>
